package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/pg"
	"digit/web/hook/hooktest"
)

var (
	entryLinks  = regexp.MustCompile(`href="(/console/audit/[0-9a-f-]{36})"`)
	exportLinks = regexp.MustCompile(`href="(/console/audit/exports/[0-9a-f-]{36})"`)
	sinkLinks   = regexp.MustCompile(`href="(/console/audit/sinks/[0-9a-f-]{36}/remove)"`)
)

func auditor(t *testing.T) *hooktest.Visitor {
	t.Helper()
	v := hooktest.Visit(t, "en")
	v.SignIn("tome.gomes@demo.example", true)
	return v
}

func TestRecordIsSearched(t *testing.T) {
	t.Parallel()
	v := auditor(t)
	html := v.Get("/console/audit?action=identity.session.begin", http.StatusOK)
	s := hooktest.Text(html)
	if !strings.Contains(s, "Signed in") || !strings.Contains(s, "127.0.0.0/24") || strings.Contains(s, "127.0.0.1 ") {
		t.Errorf("the list:\n%s", s)
	}
	if s := hooktest.Text(v.Get("/console/audit?kind=read&purpose=oversight&object=audit.entry", http.StatusOK)); !strings.Contains(s, "Looked at the record") {
		t.Errorf("that the record was looked at is not on record:\n%s", s)
	}
	for query, want := range map[string]string{
		"reference=NO-SUCH-1": "no application with this reference", "from=yesterday": "Error", "action=nothing.like.it": "Nothing found", "to=2020-01-01": "Nothing found",
	} {
		if s := hooktest.Text(v.Get("/console/audit?"+query, http.StatusOK)); !strings.Contains(s, want) {
			t.Errorf("%s:\n%s", query, s)
		}
	}
}

func TestEntryProvesItself(t *testing.T) {
	t.Parallel()
	v := auditor(t)
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error { // instead of waiting for the minute
		_, err := hooktest.App(t).Audit.Sequence(ctx, tx)
		return err
	})
	var path string
	s := hooktest.Eventually(t, "an entry with its proof", func() string {
		html := v.Get("/console/audit?action=identity.session.begin&to=2099-01-01", http.StatusOK)
		for _, m := range entryLinks.FindAllStringSubmatch(html, -1) {
			path = m[1]
		}
		if page := v.Get(path, http.StatusOK); strings.Contains(page, "/proof") {
			return hooktest.Text(page)
		}
		return ""
	})
	if !strings.Contains(s, "Holds") || !strings.Contains(s, "identity.session.begin") || !strings.Contains(s, "Whole address") {
		t.Errorf("the entry:\n%s", s)
	}
	a := v.Send(http.MethodGet, path+"/proof", "", "")
	p, err := audit.ParseProof(a.Body)
	if err != nil || p.Check() != nil || !strings.Contains(a.Header.Get("Content-Disposition"), ".tlog-proof") {
		t.Errorf("the file: %v\n%s", err, a.Body)
	}
	v.Get("/console/audit/01a00000-0000-7000-8000-000000000000", http.StatusNotFound)
	if s := hooktest.Text(v.Post(path+"/origin", url.Values{"reason": {"curiosity"}}, http.StatusUnprocessableEntity)); !strings.Contains(s, "Choose why you need it") {
		t.Errorf("asked for no reason:\n%s", s)
	}
	if s := hooktest.Text(v.Post(path+"/origin", url.Values{"reason": {"incident"}}, http.StatusOK)); !strings.Contains(s, "The address is 127.0.0.1") {
		t.Errorf("the address:\n%s", s)
	}
	if s := hooktest.Text(v.Get("/console/audit?action=audit.origin.read", http.StatusOK)); !strings.Contains(s, "incident") {
		t.Errorf("that it was asked for is not on record:\n%s", s)
	}
}

func TestCheckpointsAndPlaces(t *testing.T) {
	t.Parallel()
	v := auditor(t)
	html := hooktest.Eventually(t, "a checkpoint", func() string {
		html := v.Get("/console/audit/checkpoints", http.StatusOK)
		if strings.Contains(html, `href="/console/audit/checkpoints/`) {
			return html
		}
		return ""
	})
	if s := hooktest.Text(html); !strings.Contains(s, "Nobody outside keeps checkpoints") || !strings.Contains(s, "BEGIN PUBLIC KEY") {
		t.Errorf("the page:\n%s", s)
	}
	m := regexp.MustCompile(`href="(/console/audit/checkpoints/[0-9]+)"`).FindStringSubmatch(html)
	if a := v.Send(http.MethodGet, m[1], "", ""); !strings.HasPrefix(a.Body, "digit.audit/") {
		t.Errorf("the checkpoint:\n%s", a.Body)
	} else if _, err := audit.ParseCheckpoint(a.Body); err != nil {
		t.Error(err)
	}
	v.Get("/console/audit/checkpoints/99999999", http.StatusNotFound)
	v.Get("/console/audit/checkpoints/x", http.StatusNotFound)

	page := v.Post("/console/audit/sinks/add", url.Values{"kind": {"https"}, "address": {"http://plain.example"}}, http.StatusUnprocessableEntity)
	if !strings.Contains(page, `value="http://plain.example"`) || !strings.Contains(hooktest.Text(page), "begins with https://") || !strings.Contains(page, "<title>Error: ") {
		t.Errorf("a wrong address:\n%s", hooktest.Text(page))
	}
	v.Post("/console/audit/sinks/add", url.Values{"kind": {"email"}, "address": {"auditor@court.example"}}, http.StatusSeeOther)
	html = v.Get("/console/audit/checkpoints", http.StatusOK)
	remove := sinkLinks.FindStringSubmatch(html)
	if s := hooktest.Text(html); remove == nil || !strings.Contains(s, "a•••@court.example") || strings.Contains(s, "auditor@") {
		t.Fatalf("the place:\n%s", s)
	}
	v.Post("/console/audit/sinks/push", nil, http.StatusSeeOther)
	hooktest.Eventually(t, "the checkpoint's arrival", func() string {
		if s := hooktest.Text(v.Get("/console/audit/checkpoints", http.StatusOK)); strings.Contains(s, "Arrived a") || strings.Count(s, "Arrived") > 1 {
			return s
		}
		return ""
	})
	v.Get(remove[1], http.StatusOK)
	v.Post(remove[1], nil, http.StatusSeeOther)
	v.Post(remove[1], nil, http.StatusNotFound)
}

func TestVerificationRuns(t *testing.T) {
	t.Parallel()
	v := auditor(t)
	for _, path := range []string{"/console/audit/verify", "/console/audit/verify?quick=yes"} {
		v.Post(path, nil, http.StatusSeeOther)
		hooktest.Eventually(t, "the verification", func() string {
			s := hooktest.Text(v.Get("/console/audit/verify", http.StatusOK))
			if strings.Contains(s, "The record is whole") && !strings.Contains(s, "Running") {
				return s
			}
			return ""
		})
	}
}

func TestRecordAsAFile(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	v.Get("/console/audit/exports?action=identity.session.begin", http.StatusOK)
	if to := v.Post("/console/audit/exports", url.Values{"from": {"never"}}, http.StatusSeeOther); !strings.HasPrefix(to, "/console/audit?") {
		t.Errorf("a wrong day leads to %s", to)
	}
	v.Post("/console/audit/exports", url.Values{"action": {"identity.session.begin"}}, http.StatusSeeOther)
	path := hooktest.Eventually(t, "the file", func() string {
		if m := exportLinks.FindStringSubmatch(v.Get("/console/audit/exports", http.StatusOK)); m != nil {
			return m[1]
		}
		return ""
	})
	a := v.Send(http.MethodGet, path, "", "")
	if a.Status != http.StatusOK || !strings.HasPrefix(a.Body, "\ufeffat,") || !strings.Contains(a.Body, "identity.session.begin") || strings.Contains(a.Body, "identity.role.put") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	auditor(t).Get(path, http.StatusNotFound) // somebody else's
}
