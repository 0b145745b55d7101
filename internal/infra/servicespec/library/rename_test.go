package library_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

// renamings are everything of a pack that can be renamed.
func renamings(p *servicespec.Pack) (out []servicespec.Renaming) {
	add := func(kind, of, from string) { out = append(out, servicespec.Renaming{Kind: kind, Of: of, From: from}) }
	for _, pg := range p.Form.Pages {
		add(servicespec.NamesPage, "", pg.Code)
		for _, q := range pg.Questions {
			add(servicespec.NamesQuestion, "", q.Code)
			for _, f := range q.Fields {
				add(servicespec.NamesQuestion, q.Code, f.Code)
			}
		}
	}
	for _, q := range p.Eligibility.Questions {
		add(servicespec.NamesQuestion, "", q.Code)
	}
	for _, x := range p.Rules {
		add(servicespec.NamesRule, "", x.Name)
	}
	for _, x := range p.Tables {
		add(servicespec.NamesTable, "", x.Name)
	}
	for _, x := range p.Lookups {
		add(servicespec.NamesLookup, "", x.Name)
	}
	for _, x := range p.Fees {
		add(servicespec.NamesFee, "", x.Code)
	}
	for _, x := range p.Certificates {
		add(servicespec.NamesCertificate, "", x.Type)
	}
	for _, x := range p.Letters {
		add(servicespec.NamesLetter, "", x.Code)
	}
	p.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) {
		add(servicespec.NamesState, "", st.Code)
		for _, e := range st.Escalate {
			add(servicespec.NamesEscalation, "", e.Code)
		}
		for _, b := range st.Branches {
			add(servicespec.NamesBranch, "", b.Code)
		}
	})
	for _, x := range p.Workflow.Actions {
		add(servicespec.NamesAction, "", x.Code)
		for _, q := range x.Questions {
			add(servicespec.NamesQuestion, "", q.Code)
		}
	}
	for _, x := range p.Workflow.Reasons {
		add(servicespec.NamesReason, "", x.Code)
	}
	return out
}

// TestRename renames things of real services: the renamed one has no problem that the other has not, its scenarios, which are
// renamed with it, come out as they say, and renamed back it is the same to the letter.
func TestRename(t *testing.T) {
	t.Parallel()
	packs, before := library.Packs(), map[string]int{}
	for _, p := range packs {
		before[p.Code] = len(servicespec.Check(p))
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(packs).Draw(t, "pack")
		all := renamings(p)
		n := all[rapid.IntRange(0, len(all)-1).Draw(t, "thing")]
		n.To = rapid.SampledFrom([]string{"zz", "zebra_9", "renamed"}).Draw(t, "to")
		q, done, err := servicespec.Rename(p, n)
		if n.To == "zebra_9" && !slices.Contains([]string{servicespec.NamesQuestion, servicespec.NamesRule, servicespec.NamesTable, servicespec.NamesLookup}, n.Kind) {
			if err == nil {
				t.Fatalf("%s: %+v was taken", p.Code, n)
			}
			return
		}
		if err != nil {
			t.Fatalf("%s: %+v: %v", p.Code, n, err)
		}
		if len(done) == 0 || servicespec.Hash(q) == servicespec.Hash(p) {
			t.Fatalf("%s: %+v changed nothing", p.Code, n)
		}
		if after := servicespec.Check(q); len(after) != before[p.Code] {
			t.Fatalf("%s: %+v: %v, before %d", p.Code, n, after, before[p.Code])
		}
		back, _, err := servicespec.Rename(q, servicespec.Renaming{Kind: n.Kind, Of: n.Of, From: n.To, To: n.From})
		if err != nil || servicespec.Hash(back) != servicespec.Hash(p) {
			t.Fatalf("%s: %+v and back is another service (%v):\n%v", p.Code, n, err, servicespec.Diff(p, back))
		}
	})
}

func TestRenameRefuses(t *testing.T) {
	t.Parallel()
	p := library.Pack("property-tax")
	for to, n := range map[string]servicespec.Renaming{
		"servicespec.rename.same":      {Kind: servicespec.NamesRule, From: "late", To: "late"},
		"servicespec.rename.missing":   {Kind: servicespec.NamesRule, From: "nothing", To: "something"},
		"servicespec.rename.taken":     {Kind: servicespec.NamesRule, From: "late", To: "early"},
		"servicespec.rename.malformed": {Kind: servicespec.NamesQuestion, From: "zone", To: "Not a name"},
		"servicespec.rename.reserved":  {Kind: servicespec.NamesQuestion, From: "zone", To: "reference"},
	} {
		_, _, err := servicespec.Rename(p, n)
		if got := faultCode(err); got != to {
			t.Errorf("%+v: %s, want %s", n, got, to)
		}
	}
	if _, _, err := servicespec.Rename(p, servicespec.Renaming{Kind: servicespec.NamesQuestion, From: "zone", To: "building"}); faultCode(err) != "servicespec.rename.taken" {
		t.Errorf("a question got the name of a rule: %v", err)
	}
}

// faultCode is the code of the first field of an error.
func faultCode(err error) string {
	if err == nil {
		return ""
	}
	for _, f := range fault.Of(err).Fields {
		return f.Code
	}
	return err.Error()
}
