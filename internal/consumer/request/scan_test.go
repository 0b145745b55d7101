package request_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// finds is a scanner that finds something in each file with the word.
type finds struct{ word string }

func (f finds) Scan(_ context.Context, r io.Reader) (string, error) {
	b, err := io.ReadAll(r)
	if strings.Contains(string(b), f.word) {
		return "Test.Canary", err
	}
	return "", err
}

// TestInfected: a file that turned out to be malicious keeps a request from being sent until it is handed in anew.
func TestInfected(t *testing.T) {
	t.Parallel()
	b := setupWith(t, finds{"CANARIO"})
	r := b.start("en")
	b.fill(r.ID, "who", "name=Dulce", "partner=no")
	f, err := b.attach(r.ID, "deed", "titulo.pdf", deed)
	b.must(err)
	b.fill(r.ID, "place", "place=CV-PR")
	b.work()
	_, err = b.submit(r.ID)
	b.want(err, request.ErrIncomplete)
	if e := fault.Of(err); len(e.Fields) != 1 || e.Fields[0].Path != "deed" || e.Fields[0].Code != "document.infected" {
		t.Errorf("at fault: %+v", e.Fields)
	}
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error {
		b.want(b.files.Read(ctx, tx, f.ID, io.Discard), document.ErrInfected)
		return nil
	}))
	_, err = b.attach(r.ID, "deed", "outro.pdf", strings.ReplaceAll(deed, "CANARIO", "PARDAL!"))
	b.must(err)
	r, err = b.submit(r.ID) // what still waits for the scanner keeps nobody waiting
	b.must(err)
	if r.Reference == "" {
		t.Error("it was not sent")
	}
}
