package journey_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"testing"
)

// weightLimit is what a page may weigh on the wire with all it needs, for people who pay for every kilobyte.
const weightLimit = 60 << 10

var assets = regexp.MustCompile(`(?:href|src)="(/(?:assets|theme)/[^"]+)"|url\(["']?(/assets/[^"')]+)`)

// TestWeight adds up what a first visit loads: the page, its styles, scripts and the fonts these name.
func TestWeight(t *testing.T) {
	t.Parallel()
	c := newClient(t, shared)
	c.signIn(newPhone(t), "Nélida Rocha Fortes")
	question := c.post("/services/trade-licence/start", nil).path
	for _, path := range []string{"/", "/services/birth-certificate", question} {
		page, n := c.weigh(path)
		seen := map[string]bool{}
		for queue := assets.FindAllSubmatch(page, -1); len(queue) > 0; queue = queue[1:] {
			at := string(queue[0][1]) + string(queue[0][2])
			if seen[at] {
				continue
			}
			seen[at] = true
			body, m := c.weigh(at)
			n += m
			if bytes.Contains(body, []byte("url(")) {
				queue = append(queue, assets.FindAllSubmatch(body, -1)...)
			}
		}
		t.Logf("%s weighs %.1f kB with %d files", path, float64(n)/1024, len(seen))
		if n > weightLimit {
			t.Errorf("%s weighs %d bytes, %d are allowed", path, n, weightLimit)
		}
	}
}

// weigh fetches as browsers do, compressed, and returns what came and how much of it went over the wire.
func (c *client) weigh(path string) (body []byte, n int) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.house.url+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("GET %s: %d, %v", path, res.StatusCode, err)
	}
	if res.Header.Get("Content-Encoding") != "gzip" {
		return raw, len(raw)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	if body, err = io.ReadAll(z); err != nil {
		c.t.Fatal(err)
	}
	return body, len(raw)
}
