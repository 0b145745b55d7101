package studio

import (
	"net/url"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

func ruleKey(list []servicespec.Rule, i int) string { return list[i].Name }

// identifier makes a name for rules of words: "Segunda cópia" becomes segunda_copia.
func identifier(words string) string { return strings.ReplaceAll(studio.CodeOf(words), "-", "_") }

// rulesPart has the named rules: conditions that are written once.
func (s *Studio) rulesPart() part {
	sh := shelve("rule", "rules", func(p *servicespec.Pack) *[]servicespec.Rule { return &p.Rules }, ruleKey,
		func(_ *servicespec.Pack, code string, called i18n.Text) servicespec.Rule {
			return servicespec.Rule{Name: identifier(code), Text: called}
		}, func(x *servicespec.Rule, code string) { x.Name = identifier(code) })
	sh.names = servicespec.NamesRule
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		if x := find(d.Pack.Rules, ruleKey, k); x != nil {
			return s.say(r, d, x.Text, k), s.sentence(r, d, r.T("studio.when"), x.When, "rules.0.when")
		}
		return k, ""
	}
	sh.fields = func(r *frame.Request, d *desk, k, path string) []field {
		x := find(d.Pack.Rules, ruleKey, k)
		var groups []ui.Option
		for _, pg := range d.Pack.Form.Pages {
			for _, q := range pg.Questions {
				if q.Kind == servicespec.KindGroup {
					groups = append(groups, ui.Option{Value: q.Code, Label: s.say(r, d, q.Label, q.Code), Checked: q.Code == d.value("rule_each", x.Each)})
				}
			}
		}
		out := s.text(r, d, "rule_text", x.Text, path+".text", hint(r.T("studio.rule.text.hint")))
		out = append(out, s.rule(r, d, "rule_when", x.When, path+".when", ruleSubject{Path: []string{"rules", k, "when"}}))
		if len(groups) > 0 {
			out = append(out, input(r, "rule_each", "", optional, hint(r.T("studio.rule.each.hint")), options(selectField, groups)))
		}
		return out
	}
	sh.take = func(_ *frame.Request, posted url.Values, p *servicespec.Pack, k string) error {
		x := find(p.Rules, ruleKey, k)
		x.Text, x.When, x.Each = textOf(posted, "rule_text", x.Text), trimmed(posted, "rule_when"), posted.Get("rule_each")
		return nil
	}
	return part{
		code: "rules", icon: "sliders-horizontal", group: "design", areas: []string{"rules"}, spot: shelfSpot(sh), posts: s.shelfPosts(sh),
		show: func(r *frame.Request, d *desk) error { return s.showShelf(r, d, sh, nil) },
	}
}
