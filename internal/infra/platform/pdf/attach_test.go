package pdf_test

import (
	"bytes"
	"errors"
	"testing"

	"digit/internal/infra/platform/pdf"
)

func TestAttachmentComesBack(t *testing.T) {
	t.Parallel()
	d := pdf.New(pdf.Meta{Title: "(a) \\ título"})
	want := map[string][]byte{"credential.json": []byte(credential), "é (1).bin": bytes.Repeat([]byte{0, 1}, 1<<20), "empty": {}}
	for _, name := range []string{"credential.json", "é (1).bin", "empty"} {
		d.Attach(name, "application/json", want[name])
	}
	data := write(t, d)
	for name, content := range want {
		got, err := pdf.Attachment(data, name)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := pdf.Attachment(data, "other"); !errors.Is(err, pdf.ErrNoAttachment) {
		t.Errorf("unknown name: %v", err)
	}
	if _, err := pdf.Attachment(write(t, pdf.New(pdf.Meta{})), "x"); !errors.Is(err, pdf.ErrNoAttachment) {
		t.Errorf("no attachments: %v", err)
	}
	if out := tool(t, data, "pdfdetach", "-list", "FILE"); !bytes.Contains([]byte(out), []byte("3 embedded files")) {
		t.Error(out)
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	t.Parallel()
	data := samples(t)["certificate"]
	for name, bad := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "cut": data[:len(data)-9], "added to": append(bytes.Clone(data), data...),
		"shifted": append([]byte("%PDF-1.7\n%"), data...),
	} {
		if _, err := pdf.Attachment(bad, "credential.json"); !errors.Is(err, pdf.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBadAttachmentsFail(t *testing.T) {
	t.Parallel()
	for name, fill := range map[string]func(*pdf.Document){
		"no name": func(d *pdf.Document) { d.Attach("", "text/plain", nil) },
		"twice":   func(d *pdf.Document) { d.Attach("a", "text/plain", nil); d.Attach("a", "text/plain", nil) },
		"large":   func(d *pdf.Document) { d.Attach("a", "text/plain", make([]byte, pdf.MaxAttachment+1)) },
	} {
		d := pdf.New(pdf.Meta{})
		fill(d)
		if _, err := d.WriteTo(&bytes.Buffer{}); !errors.Is(err, pdf.ErrAttachment) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzAttachment(f *testing.F) {
	d := pdf.New(pdf.Meta{})
	d.Attach("a", "text/plain", []byte("hello"))
	f.Add(write(f, d))
	f.Add([]byte("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"))
	f.Add([]byte("%PDF-1.7\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := pdf.Attachment(data, "a")
		if err != nil && !errors.Is(err, pdf.ErrForeign) && !errors.Is(err, pdf.ErrNoAttachment) {
			t.Errorf("error of no known kind: %v", err)
		}
		if len(got) > pdf.MaxAttachment {
			t.Errorf("%d bytes", len(got))
		}
	})
}
