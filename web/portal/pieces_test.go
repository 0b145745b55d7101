package portal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/document/documenttest"
	"digit/internal/infra/platform/id"
	"digit/web/hook/hooktest"
)

// piecesAnswer is what the page's script is told of a file on its way.
type piecesAnswer struct {
	Received int64  `json:"received"`
	Whole    bool   `json:"whole"`
	Was      string `json:"was"`
	Rev      string `json:"rev"`
}

// TestUploadInPieces sends a photograph as the page's script does: piece by piece, with one that comes twice and a last answer that is lost.
func TestUploadInPieces(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	v.SignIn("pia.pieces@correio.example", false)
	request, photo := beginComplaint(v), documenttest.PNG(300, 300)
	announce := func(upload, at, name string, content []byte) string {
		sum := sha256.Sum256(content)
		return fmt.Sprintf(`{"id":%q,"at":%q,"name":%q,"type":"image/png","size":%d,"sha256":%q}`, upload, at, name, len(content), hex.EncodeToString(sum[:]))
	}
	upload := id.New().String()
	first := announce(upload, "photo", "poste.png", photo)
	var got piecesAnswer
	v.JSON("POST", request+"/uploads", first, http.StatusOK, &got)
	piece := func(at int, content []byte) hooktest.Answer {
		return v.Send("POST", fmt.Sprintf("%s/uploads/%s?at=%d", request, upload, at), "application/octet-stream", string(content))
	}
	half := len(photo) / 2
	for range 2 {
		if a := piece(0, photo[:half]); a.Status != http.StatusOK || !strings.Contains(a.Body, fmt.Sprintf(`"received":%d`, half)) {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if a := piece(half+1, photo[half+1:]); a.Status != http.StatusConflict || !strings.Contains(a.Body, "document.offset") {
		t.Errorf("a piece too far: %d %s", a.Status, a.Body)
	}
	stranger := hooktest.Visit(t, "en")
	stranger.SignIn("eva.elsewhere@correio.example", false)
	if a := stranger.Send("POST", fmt.Sprintf("%s/uploads/%s?at=%d", request, upload, half), "application/octet-stream", string(photo[half:])); a.Status != http.StatusNotFound {
		t.Errorf("somebody else's piece: %d", a.Status)
	}
	v.JSON("POST", request+"/uploads", first, http.StatusOK, &got)
	if got.Received != int64(half) || got.Whole {
		t.Errorf("after a pause: %+v", got)
	}
	piece(half, photo[half:])
	for range 2 { // the answer to the first is lost
		v.JSON("POST", request+"/uploads", first, http.StatusOK, &got)
		if !got.Whole || got.Rev == "" {
			t.Errorf("all of it: %+v", got)
		}
	}
	if n := strings.Count(v.Get(request+"/pages/place", http.StatusOK), `/remove?page=place"`); n != 1 {
		t.Errorf("the photograph is there %d times", n)
	}
	// What is no picture is refused with a reason, and leaves nothing.
	upload = id.New().String()
	junk := bytes.Repeat([]byte("no picture "), 50)
	v.JSON("POST", request+"/uploads", announce(upload, "photo", "x.png", junk), http.StatusOK, nil)
	piece(0, junk)
	a := v.Send("POST", request+"/uploads", "application/json", announce(upload, "photo", "x.png", junk))
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "document.") {
		t.Errorf("junk: %d %s", a.Status, a.Body)
	}
	if a := piece(0, junk); a.Status != http.StatusNotFound {
		t.Errorf("junk stays: %d", a.Status)
	}
	v.JSON("POST", request+"/uploads/"+upload+"/cancel", `{}`, http.StatusOK, nil)
}

var revShape = regexp.MustCompile(`data-rev="(\d+)"`)

// TestSavedByTheDevice: a page that a script saves is taken if nobody has changed the request since it was on the screen.
func TestSavedByTheDevice(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	v.SignIn("sara.saves@correio.example", false)
	request := beginComplaint(v)
	page := request + "/pages/place"
	base := revShape.FindStringSubmatch(v.Get(page, http.StatusOK))
	if base == nil {
		t.Fatal("the page does not say on which revision it stands")
	}
	form := url.Values{"place": {"CV-PR-01"}, "landmark": {"opposite the bakery"}, "later-": {"auto"}, "_base": {base[1]}}
	if s := v.Post(page, form, http.StatusOK); !strings.Contains(s, `"rev":"`) {
		t.Errorf("saved: %s", s)
	}
	form.Set("landmark", "behind the church")
	if s := v.Post(page, form, http.StatusConflict); !strings.Contains(s, "request.changed") {
		t.Errorf("over what it has not seen: %s", s)
	}
	if s := v.Get(page, http.StatusOK); !strings.Contains(s, "opposite the bakery") || strings.Contains(s, "behind the church") {
		t.Error("it was taken all the same")
	}
	form.Del("_base")
	v.Post(page, form, http.StatusOK)
}
