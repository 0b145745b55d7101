package studio

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// mostOpinions bounds how many opinions are read of one state.
const mostOpinions = 20

// opinionFields are what a state asks of other agencies: each opinion folded, and one more to fill in.
func (s *Studio) opinionFields(r *frame.Request, d *desk, st *servicespec.State, path string) field {
	names := map[string]i18n.Text{}
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		names, err = s.agencies(ctx, tx)
		return err
	}); err != nil {
		names = map[string]i18n.Text{} // those that the definition names remain
	}
	var list []field
	for i := range len(st.Opinions) + 1 {
		o, title := servicespec.Opinion{}, r.T("studio.state.opinions.new")
		if i < len(st.Opinions) {
			o = st.Opinions[i]
			title = s.say(r, d, o.Name, o.Code)
		}
		at := path + ".opinions." + strconv.Itoa(i)
		wrong := s.wrongAt(r, d, "", at) != ""
		list = append(list, foldOf(title, wrong, s.opinion(r, d, st, &o, i, at, names)...))
	}
	if len(st.Opinions) > 1 {
		join := d.value("opinion_join", st.Join)
		if join == "" {
			join = servicespec.JoinAll
		}
		ways := []string{servicespec.JoinAll, servicespec.JoinAny}
		for n := 2; n < len(st.Opinions) && n <= 3; n++ {
			ways = append(ways, strconv.Itoa(n))
		}
		list = append(list, input(r, "opinion_join", "", options(selectField, choose(r, "studio.opinion.join.", join, ways...))))
	}
	return foldOf(r.T("studio.state.opinions"), len(st.Opinions) > 0, list...)
}

func (s *Studio) opinion(r *frame.Request, d *desk, st *servicespec.State, o *servicespec.Opinion, i int, at string, names map[string]i18n.Text) []field {
	n := "." + strconv.Itoa(i)
	agencies := []ui.Option{{Value: "", Label: r.T("studio.none")}}
	chosen := d.value("opinion_agency"+n, o.Agency)
	codes := slices.Collect(maps.Keys(names))
	if chosen != "" && names[chosen] == nil {
		codes = append(codes, chosen)
	}
	for _, code := range slices.Sorted(slices.Values(codes)) {
		if code != d.Pack.Agency {
			agencies = append(agencies, ui.Option{Value: code, Label: s.say(r, d, names[code], code), Checked: code == chosen})
		}
	}
	var shows []ui.Option
	for _, pg := range d.Pack.Form.Pages {
		for _, q := range pg.Questions {
			if q.Kind != servicespec.KindInfo && q.Kind != servicespec.KindDeclaration && q.Sensitivity != "special" {
				shows = append(shows, ui.Option{Value: q.Code, Label: s.say(r, d, q.Label, q.Code), Checked: d.ticked("opinion_shows"+n, q.Code, slices.Contains(o.Shows, q.Code))})
			}
		}
	}
	late := d.value("opinion_late"+n, o.Late)
	if late == "" {
		late = servicespec.LateRemind
	}
	out := []field{input(r, "opinion_agency"+n, "", options(selectField, agencies), wrongText(s.wrongAt(r, d, "opinion_agency"+n, at+".agency")))}
	out = append(out, s.text(r, d, "opinion_name"+n, o.Name, at+".name")...)
	out = append(out, s.text(r, d, "opinion_question"+n, o.Question, at+".question")...)
	out = append(out, input(r, "opinion_shows"+n, "", hint(r.T("studio.opinion.shows.hint")), options(boxesField, shows), wrongText(s.wrongAt(r, d, "opinion_shows"+n, at+".shows"))))
	out = append(out, within(r, d, "opinion_due"+n, o.Due, wrongText(s.wrongAt(r, d, "opinion_due"+n, at+".due")))...)
	out = append(out, input(r, "opinion_late"+n, "", options(radioField, choose(r, "studio.opinion.late.", late, servicespec.LateRemind, servicespec.LateConsent))))
	if o.Code == "" {
		return out
	}
	return append(out,
		s.rule(r, d, "opinion_when"+n, o.When, at+".when", ruleSubject{Path: []string{"workflow", "states", st.Code, "opinions", o.Code, "when"}}),
		input(r, "opinion_drop"+n, "", optional, options(boxesField, []ui.Option{{Value: "true", Label: r.T("studio.field.opinion_drop"), Checked: d.ticked("opinion_drop"+n, "true", false)}})),
	)
}

// takeOpinions puts what was posted into the opinions that a state asks for. One without an agency is none.
func takeOpinions(st *servicespec.State, posted url.Values, taken []string) (wrong []fault.Field) {
	was := st.Opinions
	st.Opinions = nil
	for i := range mostOpinions {
		n := "." + strconv.Itoa(i)
		if !posted.Has("opinion_agency" + n) {
			break
		}
		if posted.Get("opinion_agency"+n) == "" || posted.Get("opinion_drop"+n) == "true" {
			continue
		}
		var o servicespec.Opinion
		if i < len(was) {
			o = was[i]
		}
		o.Agency, o.Shows = posted.Get("opinion_agency"+n), posted["opinion_shows"+n]
		o.Name, o.Question = textOf(posted, "opinion_name"+n, o.Name), textOf(posted, "opinion_question"+n, o.Question)
		if posted.Has("opinion_when" + n) {
			o.When = trimmed(posted, "opinion_when"+n)
		}
		if o.Late = posted.Get("opinion_late" + n); o.Late == servicespec.LateRemind {
			o.Late = ""
		}
		due, bad := withinOf(posted, "opinion_due"+n)
		if o.Due = due; bad != nil {
			wrong = append(wrong, *bad)
		}
		if o.Code == "" {
			o.Code = unused(studio.CodeOf(o.Agency), taken)
		}
		taken = append(taken, o.Code)
		st.Opinions = append(st.Opinions, o)
	}
	if posted.Has("opinion_join") {
		st.Join = strings.TrimSpace(posted.Get("opinion_join"))
	}
	if st.Join == servicespec.JoinAll || len(st.Opinions) < 2 {
		st.Join = ""
	}
	return wrong
}

// answerFields ask, in a trial, what the agencies answer that are asked.
func (s *Studio) answerFields(r *frame.Request, d *desk, svc *servicespec.Service, asked map[string]string) (list []ui.Field) {
	for _, code := range slices.Sorted(maps.Keys(asked)) {
		o := svc.Opinion(code)
		if asked[code] != "asked" || o == nil {
			continue
		}
		list = append(list, ui.Field{
			Name: "opinion:" + code, Label: r.T("studio.try.opinion.answer", "name", s.say(r, d, o.Name, code)),
			Options: append([]ui.Option{{Value: "", Label: r.T("studio.none")}}, choose(r, "opinion.answer.", "", servicespec.Opinions()...)...),
		})
	}
	return list
}

// answersOf reads what agencies answer in a trial; nil for nothing.
func answersOf(svc *servicespec.Service, posted url.Values) map[string]string {
	var said map[string]string
	for _, code := range svc.Pack().Workflow.OpinionCodes() {
		if answer := posted.Get("opinion:" + code); slices.Contains(servicespec.Opinions(), answer) {
			if said == nil {
				said = map[string]string{}
			}
			said[code] = answer
		}
	}
	return said
}
