package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/web/hook/hooktest"
)

// withdrawn applies, and withdraws it again: the shortest way to a decision.
func withdrawn(v *hooktest.Visitor) (request string) {
	v.T.Helper()
	request = "/requests/" + uuidShape.FindString(v.Post("/services/streetlight-complaint/start", nil, http.StatusSeeOther))
	v.Post(request+"/pages/problem", url.Values{"problem": {"damaged"}, "danger": {"no"}, "lights": {"3"}}, http.StatusSeeOther)
	v.Post(request+"/pages/place", url.Values{"place": {"CV-PR-01"}, "landmark": {"beside the school"}}, http.StatusSeeOther)
	v.Post(request+"/pages/contact", url.Values{"reporter_name": {"Rita"}, "phone": {""}, "email": {""}}, http.StatusSeeOther)
	v.Post(request+"/submit", url.Values{"another": {"yes"}}, http.StatusSeeOther)
	hooktest.Eventually(v.T, "it is taken in", func() string {
		s := v.Get(request, http.StatusOK)
		return map[bool]string{true: s}[strings.Contains(s, request+"/withdraw") && !strings.Contains(s, "is on its way")]
	})
	v.Get(request+"/rate", http.StatusConflict)
	v.Post(request+"/withdraw", nil, http.StatusSeeOther)
	hooktest.Eventually(v.T, "it is decided", func() string {
		s := v.Get(request, http.StatusOK)
		return map[bool]string{true: s}[strings.Contains(s, request+`/rate"`)]
	})
	return request
}

// TestRate says how it went, is refused with what was typed kept, and changes it.
func TestRate(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	v.SignIn("rita.rates@correio.example", false)
	request := withdrawn(v)
	v.Get(request+"/rate", http.StatusOK)
	refused := v.Post(request+"/rate", url.Values{"words": {"I changed my mind"}, "bad": {"time"}}, http.StatusUnprocessableEntity)
	if !strings.Contains(refused, "I changed my mind") || !strings.Contains(refused, "Choose how it went") || !strings.Contains(refused, `value="time" checked`) {
		t.Errorf("refused:\n%s", hooktest.Text(refused))
	}
	to := v.Post(request+"/rate", url.Values{"stars": {"4"}, "good": {"form", "news"}, "words": {"I changed my mind"}}, http.StatusSeeOther)
	if s := v.Get(to, http.StatusOK); !strings.Contains(s, "You said “Well”") || !strings.Contains(s, "We have kept what you said") {
		t.Errorf("rated:\n%s", hooktest.Text(s))
	}
	if s := v.Get(request+"/rate", http.StatusOK); !strings.Contains(s, "I changed my mind") || strings.Count(s, " checked") != 3 {
		t.Errorf("what was said is not shown again:\n%s", hooktest.Text(s))
	}
	head := hooktest.Visit(t, "en")
	head.SignIn("sofia.andrade@demo.example", true)
	if s := hooktest.Text(head.Get("/insight/ratings?service=streetlight-complaint", http.StatusOK)); !strings.Contains(s, "I changed my mind") || strings.Contains(s, "Rita") {
		t.Errorf("who answers for the service reads:\n%s", s)
	}
	head.Get("/insight/ratings.csv", http.StatusOK)
	poor := v.Post(request+"/rate", url.Values{"stars": {"1"}}, http.StatusSeeOther)
	s := v.Get(poor, http.StatusOK)
	if strings.HasSuffix(poor, "/rated") != strings.Contains(s, request+"/again/") {
		t.Errorf("%s offers:\n%s", poor, hooktest.Text(s))
	}
	other := hooktest.Visit(t, "en")
	other.SignIn("rui.reads@correio.example", false)
	other.Get(request+"/rate", http.StatusNotFound)
	other.Post(request+"/rate", url.Values{"stars": {"1"}}, http.StatusNotFound)
}

// TestRatedService shows the average of a service to everybody, and nothing where too few have rated.
func TestRatedService(t *testing.T) {
	t.Parallel()
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		rate := func(service string, stars int) error {
			return tx.Publish(ctx, exchange.RequestRated{ID: id.New(), Service: service, Agency: "cmp", Stars: stars, RatedAt: tx.Now, At: tx.Now})
		}
		for i, stars := range []int{5, 5, 4, 4, 2} {
			if err := rate("event-permit", stars); err != nil {
				return err
			}
			if i == 0 {
				continue
			}
			if err := rate("building-permit", stars); err != nil {
				return err
			}
		}
		return nil
	})
	v := hooktest.Visit(t, "en")
	hooktest.Eventually(t, "the average is shown", func() string {
		hooktest.In(t, hooktest.App(t).Catalog.TakeMeasures)
		s := v.Get("/services/event-permit", http.StatusOK)
		return map[bool]string{true: s}[strings.Contains(s, "4 of 5 from 5 answers")]
	})
	if s := hooktest.Text(v.Get("/services/building-permit", http.StatusOK)); strings.Contains(s, "How people found it") {
		t.Errorf("four ratings are shown:\n%s", s)
	}
}
