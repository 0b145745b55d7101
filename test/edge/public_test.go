package edge

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"digit/internal/infra/platform/pg"
)

// TestServiceInLinkedData reads what the page of a service says to programs: a GovernmentService of schema.org, whole and true.
func TestServiceInLinkedData(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visitor(t)
	a := c.want(c.get("/services/trade-licence"), http.StatusOK, "page of a service")
	blocks := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindAllStringSubmatch(a.body, -1)
	if len(blocks) != 1 {
		t.Fatalf("%d blocks of linked data", len(blocks))
	}
	var s struct {
		Context  string `json:"@context"`
		Type     string `json:"@type"`
		ID       string `json:"@id"`
		URL      string
		Name     string
		Provider struct {
			Type string `json:"@type"`
			Name string
		}
		Channels []struct {
			Type     string `json:"@type"`
			URL      string `json:"serviceUrl"`
			Time     string `json:"processingTime"`
			Location *struct {
				Type    string `json:"@type"`
				Name    string
				Address string
			} `json:"serviceLocation"`
		} `json:"availableChannel"`
	}
	if err := json.Unmarshal([]byte(blocks[0][1]), &s); err != nil {
		t.Fatal(err)
	}
	page := c.base + "/services/trade-licence"
	if s.Context != "https://schema.org" || s.Type != "GovernmentService" || s.ID != page || s.URL != page || s.Name == "" {
		t.Errorf("what it is: %+v", s)
	}
	if s.Provider.Type != "GovernmentOrganization" || s.Provider.Name == "" {
		t.Errorf("who provides it: %+v", s.Provider)
	}
	if len(s.Channels) == 0 || s.Channels[0].URL != page+"/start" || !regexp.MustCompile(`^P\d+D$`).MatchString(s.Channels[0].Time) {
		t.Fatalf("how to get it: %+v", s.Channels)
	}
	for _, office := range s.Channels[1:] {
		if office.Type != "ServiceChannel" || office.Location == nil || office.Location.Type != "GovernmentOffice" || office.Location.Name == "" {
			t.Errorf("an office: %+v", office)
		}
	}
	if !strings.Contains(a.body, `<link rel="canonical" href="`+page+`"`) {
		t.Error("the page does not say its one address")
	}
	if policy := a.header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") {
		t.Errorf("the policy was loosened: %s", policy)
	}
}

// TestRealTime shows how long a service took of late once enough cases were decided, and what is related to it.
func TestRealTime(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visitor(t)
	c.lang = "en"
	measure := func(decided int, median, most int64) string {
		if err := h.as(t, h.tenant(t, "cv"), func(ctx context.Context, tx *pg.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO catalog.measure (service, received, decided, median_seconds, most_seconds, measured_at)
				VALUES ('streetlight-complaint', 9, $1, $2, $3, now()) ON CONFLICT (tenant_id, service) DO UPDATE SET
				decided = excluded.decided, median_seconds = excluded.median_seconds, most_seconds = excluded.most_seconds`, decided, median, most)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return c.want(c.get("/services/streetlight-complaint"), http.StatusOK, "page of a service").body
	}
	if page := measure(4, 3600, 7200); strings.Contains(page, "Half of the applications") {
		t.Error("four cases say how long it takes")
	}
	page := measure(5, 3600, 100*3600)
	if !strings.Contains(page, "Half of the applications: within 1 working day") || !regexp.MustCompile(`Nine of ten: within 1\d working days`).MatchString(page) {
		t.Error("the page does not say how long it took")
	}
	if page := measure(5, 3600, 7200); strings.Contains(page, "Half of the applications") || !strings.Contains(page, "Nine of ten: within 1 working day") {
		t.Error("the same time is said twice, or not at all")
	}
}

// TestSitemapAndFeed reads what search engines and readers of news are told.
func TestSitemapAndFeed(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visitor(t)
	if a := c.want(c.get("/robots.txt"), http.StatusOK, "robots.txt"); !strings.Contains(a.body, "Sitemap: "+c.base+"/sitemap.xml") || !strings.Contains(a.body, "Disallow: /requests") {
		t.Errorf("robots.txt says %s", a.body)
	}
	var site struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []struct {
			Loc     string `xml:"loc"`
			Lastmod string `xml:"lastmod"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal([]byte(c.want(c.get("/sitemap.xml"), http.StatusOK, "sitemap").body), &site); err != nil {
		t.Fatal(err)
	}
	services := 0
	for _, u := range site.URLs {
		path, ours := strings.CutPrefix(u.Loc, c.base)
		if !ours {
			t.Errorf("%s is not ours", u.Loc)
		}
		c.want(c.get(path), http.StatusOK, "page of the sitemap "+path)
		if strings.HasPrefix(path, "/services/") {
			services++
			if _, err := time.Parse(time.RFC3339, u.Lastmod); err != nil {
				t.Errorf("%s changed %q", path, u.Lastmod)
			}
		}
	}
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Entries []struct {
			ID      string `xml:"id"`
			Title   string `xml:"title"`
			Updated string `xml:"updated"`
		} `xml:"entry"`
	}
	a := c.want(c.get("/services.atom"), http.StatusOK, "feed")
	if err := xml.Unmarshal([]byte(a.body), &feed); err != nil {
		t.Fatal(err)
	}
	if feed.ID == "" || feed.Title == "" || feed.Updated == "" || services == 0 || len(feed.Entries) != services {
		t.Errorf("the feed has %d entries of %d services: %+v", len(feed.Entries), services, feed)
	}
}
