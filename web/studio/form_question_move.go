package studio

import (
	"net/url"
	"slices"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
)

func (s *Studio) questionAdd(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	title, kind := trimmed(posted, "new_label"), posted.Get("new_kind")
	at := spot{Page: posted.Get("page"), Question: posted.Get("question")}
	code := fresh(title, "question", codes(d.Pack))
	to := spot{Page: at.Page, Question: code}
	if at.Question != "" {
		to = spot{at.Page, at.Question, code}
	}
	what := studio.Step{Code: "question.add", Part: to.part(), Args: map[string]string{"name": cutWords(title)}}
	return s.change(r, d, what, d.here(to.query()+"#properties"), func(p *servicespec.Pack) error {
		if title == "" || !slices.Contains(servicespec.Kinds(), kind) {
			return studio.ErrBegin.WithFields(fieldFault("new_label", "label"))
		}
		list := to.list(p)
		if list == nil {
			return studio.ErrGone
		}
		q := servicespec.Question{Code: code, Kind: kind, Label: i18n.Text{d.lang(): title}}
		furnish(&q)
		*list = append(*list, q)
		return nil
	})
}

// ofPost is the question that a button of the list is about.
func ofPost(posted url.Values) spot {
	at := spot{Page: posted.Get("page"), Question: posted.Get("code")}
	if group := posted.Get("question"); group != "" {
		at.Question, at.Field = group, posted.Get("code")
	}
	return at
}

func (s *Studio) questionMove(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at, to := ofPost(posted), posted.Get("to")
	what := studio.Step{Code: "question.move", Part: append(at.part(), "code"), Args: d.named(r, at)}
	return s.change(r, d, what, d.here(at.query()+"&moved="+url.QueryEscape(at.code())), func(p *servicespec.Pack) error {
		list := at.list(p)
		if list == nil {
			return studio.ErrGone
		}
		var ok bool
		if *list, ok = shift(*list, questionCode, at.code(), to); !ok {
			return studio.ErrGone
		}
		return nil
	})
}

func (s *Studio) questionDuplicate(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at := ofPost(posted)
	twin := fresh(at.code(), "question", codes(d.Pack))
	to := at
	if to.Question = twin; at.Field != "" {
		to.Question, to.Field = at.Question, twin
	}
	return s.change(r, d, studio.Step{Code: "question.duplicate", Part: at.part(), Args: d.named(r, at)}, d.here(to.query()+"#properties"), func(p *servicespec.Pack) error {
		list := at.list(p)
		if list == nil || at.question(p) == nil {
			return studio.ErrGone
		}
		q, err := copyOf(*at.question(p))
		if err != nil {
			return err
		}
		q.Code = twin
		*list = slices.Insert(*list, indexQuestion(*list, at.code())+1, q)
		return nil
	})
}

func (s *Studio) questionRemove(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at := ofPost(posted)
	to := spot{Page: at.Page}
	if at.Field != "" {
		to.Question = at.Question
	}
	return s.change(r, d, studio.Step{Code: "question.remove", Part: at.part(), Args: d.named(r, at)}, d.here(to.query()+"&done=studio.removed"), func(p *servicespec.Pack) error {
		list := at.list(p)
		if list == nil || at.question(p) == nil {
			return studio.ErrGone
		}
		*list = slices.DeleteFunc(*list, func(q servicespec.Question) bool { return q.Code == at.code() })
		return nil
	})
}
