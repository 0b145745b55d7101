package pdf_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"digit/internal/infra/platform/pdf"
)

var update = flag.Bool("update", false, "write the goldens anew")

// tool runs a program on a file. It is skipped where the program is missing, but not in CI.
func tool(t *testing.T, data []byte, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: apt-get install qpdf poppler-utils zbar-tools", name)
		}
		t.Skipf("%s is not installed (qpdf poppler-utils zbar-tools)", name)
	}
	path := filepath.Join(t.TempDir(), "in.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "FILE", path)
	}
	cmd := exec.Command(name, args...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, complaints.String())
	}
	if name == "pdftoppm" { // poppler tells of broken fonts and content on its error output
		return complaints.String()
	}
	return string(out)
}

func samples(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"certificate": write(t, birthCertificate(emblem(t))),
		"receipt":     write(t, arabicReceipt()),
		"long":        write(t, longReport()),
		"empty":       write(t, pdf.New(pdf.Meta{})),
	}
}

func TestFilesAreSound(t *testing.T) {
	t.Parallel()
	for name, data := range samples(t) {
		out := tool(t, data, "qpdf", "--check", "FILE")
		if !strings.Contains(out, "No syntax or stream encoding errors") {
			t.Errorf("%s: %s", name, out)
		}
		if name != "long" && len(data) > 60_000 {
			t.Errorf("%s has %d bytes, want below 60 kB", name, len(data))
		}
		if out := tool(t, data, "pdfinfo", "FILE"); !regexp.MustCompile(`Tagged: +yes`).MatchString(out) {
			t.Errorf("%s: not tagged\n%s", name, out)
		}
		if out := tool(t, data, "pdftoppm", "-r", "20", "-png", "FILE", "FILE"); out != "" {
			t.Errorf("%s: %s", name, out)
		}
	}
}

func TestTitleAndStructure(t *testing.T) {
	t.Parallel()
	data := samples(t)["certificate"]
	if out := tool(t, data, "pdfinfo", "FILE"); !strings.Contains(out, "Certidão de Nascimento — Maria da Conceição") {
		t.Error(out)
	}
	out := tool(t, data, "pdfinfo", "-struct-text", "FILE")
	for _, want := range []string{"H1", "Table", "TH", "TD", "Figure", "Maria da Conceição Évora Brandão"} {
		if !strings.Contains(out, want) {
			t.Errorf("structure lacks %q:\n%s", want, out)
		}
	}
}

func TestTextComesBack(t *testing.T) {
	t.Parallel()
	all := samples(t)
	all["indic"] = write(t, paragraphs("hi", "किताब क्षत्रिय विद्यालय जन्म प्रमाण पत्र"))
	all["bilingual"] = write(t, paragraphs("en", "The text الشارع 12 here, and office."))
	for _, tc := range []struct {
		sample string
		words  []string
	}{
		{"certificate", []string{"Certidão", "Conceição", "Évora", "Brandão", "Gonçalves", "n.º 1 452", "Digitalize"}},
		{"receipt", []string{"بلدية", "إيصال", "عبد الله", "إلكترونيًا", "لسنة", "2026", "CVE", "Plateau", "الأنصاري", "الاستقلال", "المجموع", "REC-2026-000457", "+238 991 23 45", "Câmara", "15 500,00"}},
		{"indic", []string{"किताब", "क्षत्रिय", "विद्यालय", "प्रमाण"}},
		{"bilingual", []string{"الشارع", "here, and office."}},
	} {
		text := tool(t, all[tc.sample], "pdftotext", "-layout", "FILE", "-")
		for _, w := range tc.words {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q:\n%s", tc.sample, w, text)
			}
		}
	}
}

func paragraphs(lang string, texts ...string) *pdf.Document {
	d := pdf.New(pdf.Meta{Title: "Text", Language: lang})
	for _, s := range texts {
		d.Paragraph(s, pdf.Style{})
	}
	return d
}

// place finds a word on the first page: its left edge in points.
func place(t *testing.T, data []byte, word string) float64 {
	t.Helper()
	out := tool(t, data, "pdftotext", "-bbox", "FILE", "-")
	m := regexp.MustCompile(`xMin="([0-9.]+)"[^>]*>` + regexp.QuoteMeta(word) + `<`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no %q in\n%s", word, out)
	}
	x, _ := strconv.ParseFloat(m[1], 64)
	return x
}

func TestRightToLeftMirrors(t *testing.T) {
	t.Parallel()
	rows := [][2]string{{"AAA", "BBB"}}
	ltr, rtl := pdf.New(pdf.Meta{Language: "pt"}), pdf.New(pdf.Meta{Language: "ar"})
	ltr.KeyValues(rows)
	rtl.KeyValues(rows)
	a, b := write(t, ltr), write(t, rtl)
	if place(t, a, "AAA") > place(t, a, "BBB") {
		t.Error("left to right: the label must stand left of the value")
	}
	if place(t, b, "AAA") < place(t, b, "BBB") {
		t.Error("right to left: the label must stand right of the value")
	}
	// (pdftotext -bbox gives Arabic as it stands on the page, from left to right.)
	// In an English line the number that follows Arabic stands to the left of it, the rest to the right.
	c := write(t, paragraphs("en", "Go الشارع 12 here"))
	if go1, n, ar, here := place(t, c, "Go"), place(t, c, "12"), place(t, c, "عراشلا"), place(t, c, "here"); !(go1 < n && n < ar && ar < here) {
		t.Errorf("order of the mixed line: Go %.0f, 12 %.0f, street %.0f, here %.0f", go1, n, ar, here)
	}
}

func TestDirectionOverridesAreDropped(t *testing.T) {
	t.Parallel()
	plain := write(t, paragraphs("pt", "Maria 123"))
	tricky := write(t, paragraphs("pt", "\u202EMaria\x00 \u202D123"))
	if !bytes.Equal(plain, tricky) {
		t.Error("marks that override direction must not reach the page")
	}
}

func TestLongDocumentsBreak(t *testing.T) {
	t.Parallel()
	data := samples(t)["long"]
	text := tool(t, data, "pdftotext", "-layout", "FILE", "-")
	pages := strings.Split(strings.TrimSuffix(text, "\f"), "\f")
	if len(pages) < 8 {
		t.Fatalf("%d pages", len(pages))
	}
	for i := range 200 {
		if n := strings.Count(text, fmt.Sprintf("TL-%04d", i+1)); n != 1 {
			t.Fatalf("row %d stands %d times", i+1, n)
		}
	}
	if n := strings.Count(strings.Join(strings.Fields(text), " "), "Every word must stay on some page."); n < 390 { // footers part a few
		t.Errorf("%d of 400 sentences in one piece", n)
	}
	for i, p := range pages {
		if !strings.Contains(p, fmt.Sprintf("Page %d of %d", i+1, len(pages))) {
			t.Errorf("page %d lacks its footer", i+1)
		}
		if strings.Contains(p, "TL-") && !strings.Contains(p, "Holder\n") {
			t.Errorf("page %d lacks the head of the table", i+1)
		}
	}
}

func TestOversizedBlocksStillPrint(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 6000) + strings.Repeat("x", 3000)
	d := pdf.New(pdf.Meta{Language: "ar"})
	d.Heading(long, 1)
	d.KeyValues([][2]string{{long, long}})
	d.Panel(func(f *pdf.Flow) { f.Paragraph(long, pdf.Style{}) })
	d.Columns(nil, func(f *pdf.Flow) { f.Paragraph(long, pdf.Style{}) }, func(f *pdf.Flow) { f.Signature("a", "b") })
	d.Signature(long)
	d.Paragraph("bad \xff utf-8 \U000F0000 and no glyph 漢", pdf.Style{Size: 9})
	tool(t, write(t, d), "qpdf", "--check", "FILE")
}

func TestQRIsReadable(t *testing.T) {
	t.Parallel()
	for name, data := range samples(t) {
		if name != "certificate" && name != "receipt" {
			continue
		}
		base := filepath.Join(t.TempDir(), "page")
		tool(t, data, "pdftoppm", "-r", "150", "-png", "-singlefile", "FILE", base)
		if out := tool(t, nil, "zbarimg", "-q", "--raw", base+".png"); strings.TrimSpace(out) != verifyURL {
			t.Errorf("%s: read %q", name, out)
		}
	}
	d := pdf.New(pdf.Meta{})
	d.QR(strings.Repeat("x", 5000), 30, "", pdf.Start)
	if _, err := d.WriteTo(&bytes.Buffer{}); !errors.Is(err, pdf.ErrQR) {
		t.Errorf("too long a payload: %v", err)
	}
}

func TestSameInputSameBytes(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	all := samples(t)
	for _, name := range []string{"certificate", "receipt", "long", "empty"} {
		fmt.Fprintf(&got, "%s %x\n", name, sha256.Sum256(all[name]))
	}
	pic := emblem(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if !bytes.Equal(write(t, birthCertificate(pic)), all["certificate"]) || !bytes.Equal(write(t, arabicReceipt()), all["receipt"]) {
				t.Error("the same document gave other bytes")
			}
		})
	}
	wg.Wait()
	const golden = "testdata/hashes.txt"
	if *update {
		os.MkdirAll("testdata", 0o755)
		os.WriteFile(golden, []byte(got.String()), 0o644)
	}
	want, err := os.ReadFile(golden)
	if err != nil || got.String() != string(want) {
		t.Errorf("the bytes changed (%v); look at the pages, then run with -update:\n%s", err, got.String())
	}
}

func TestJPEG(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil)
	pic, err := pdf.NewPicture(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	d := pdf.New(pdf.Meta{})
	d.Image(pic, 20, "grey", pdf.End)
	tool(t, write(t, d), "qpdf", "--check", "FILE")
	for _, bad := range [][]byte{nil, []byte("GIF89a"), b.Bytes()[:40]} {
		if _, err := pdf.NewPicture(bad); !errors.Is(err, pdf.ErrPicture) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func BenchmarkCertificate(b *testing.B) {
	pic := emblem(b)
	for b.Loop() {
		write(b, birthCertificate(pic))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}

// TestSamples writes the samples to a directory, to look at them: PDF_SAMPLES=/tmp go test -run Samples.
func TestSamples(t *testing.T) {
	dir := os.Getenv("PDF_SAMPLES")
	if dir == "" {
		t.Skip("PDF_SAMPLES names no directory")
	}
	for name, data := range samples(t) {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
