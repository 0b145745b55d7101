package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// application is a request of the person at the counter, with what is needed to show its form.
type application struct {
	request.Request
	spec  *servicespec.Service
	facts servicespec.Facts
	scans map[uuid.UUID]document.Scan
}

// open loads the application that the path names.
func (d *Desk) open(ctx context.Context, tx *pg.Tx, r *frame.Request) (a application, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return a, err
	}
	if a.Request, err = d.deps.Requests.Request(ctx, tx, r.Person(), id); err != nil {
		return a, err
	}
	if a.spec, a.facts, err = d.deps.Requests.Spec(ctx, tx, a.Request); err != nil {
		return a, err
	}
	var files []uuid.UUID
	for _, answer := range a.Answers {
		for _, f := range servicespec.FilesIn(answer) {
			files = append(files, f.ID)
		}
	}
	a.scans, err = d.deps.Documents.Scans(ctx, tx, files...)
	return a, err
}

// pages are those of the form; of a correction, those with a question to be answered again.
func (a application) pages() []servicespec.PageView {
	pages := a.spec.Pages(a.Answers, a.facts)
	if a.Status != request.Correction {
		return pages
	}
	return slices.DeleteFunc(pages, func(p servicespec.PageView) bool {
		return !slices.ContainsFunc(p.Questions, func(q servicespec.QuestionView) bool { return a.Touches(q.Code) })
	})
}

func (a application) answerable() bool {
	return a.Status == request.Draft || a.Status == request.Correction
}

// asked are the codes of the questions that the form shows with the answers so far.
func (a application) asked() string {
	var codes []string
	for _, p := range a.pages() {
		for _, q := range p.Questions {
			codes = append(codes, q.Code)
		}
	}
	return strings.Join(codes, ",")
}

// infected names the questions whose files were found malicious and removed.
func (a application) infected() (wrong []fault.Field) {
	for code, answer := range a.Answers {
		servicespec.EachFile(code, answer, func(path string, f servicespec.File) {
			if a.scans[f.ID] == document.Infected {
				wrong = form.MergeFields(wrong, []fault.Field{{Path: path, Code: document.ErrInfected.Code}})
			}
		})
	}
	return wrong
}

// fees are what is to be paid with the answers so far; ok is false where that cannot be said yet.
func (a application) fees(r *frame.Request) (lines []ui.BillLine, total money.Amount, ok bool) {
	total.Currency = r.Settings.Currency
	found, _, err := a.spec.FeesAtReceipt(a.Answers, a.facts)
	if err != nil {
		return nil, total, false
	}
	for _, l := range found {
		amount := money.Amount{Minor: l.Minor, Currency: r.Settings.Currency}
		lines = append(lines, ui.BillLine{Label: r.Text(l.Name), Amount: amount})
		if total, err = total.Add(amount); err != nil {
			return nil, total, false
		}
	}
	return lines, total, true
}

// words write answers for the reader.
func (a application) words(r *frame.Request) servicespec.Words {
	return servicespec.Words{
		T: func(key string) string { return r.T(key) },
		Boundary: func(code string) string {
			area, ok := a.facts.Area(code)
			if !ok {
				return code
			}
			return r.Text(area.Name)
		},
		RefData: func(list, code string) string {
			if a.facts.Code == nil {
				return code
			}
			if c, ok := a.facts.Code(list, code); ok {
				return r.Text(c.Name)
			}
			return code
		},
		Currency: r.Settings.Currency, Fallback: a.spec.Pack().Languages[0],
	}
}

// shown is how a form is shown: again with what was typed and what is wrong with it, with more rows.
type shown struct {
	posted map[string][]string
	wrong  []fault.Field
	extra  map[string]int
}

// views are the pages of the form, all of which the counter's page shows.
func (d *Desk) views(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, in shown) (list []form.View, err error) {
	errs := map[string]string{}
	for _, f := range in.wrong {
		if errs[f.Path] == "" {
			errs[f.Path] = r.FieldSentence(f)
		}
	}
	whole := a.pages()
	purposes := map[string]string{}
	for _, l := range a.spec.Pack().Lookups {
		purposes[l.Consent] = r.Text(l.Purpose)
	}
	for _, page := range whole {
		v := form.View{
			Page: page, Whole: whole, Lang: r.Lang, Words: a.words(r), Facts: a.facts, Answers: a.Answers, Posted: in.posted, Errors: errs, Extra: in.extra,
			Editable: a.Editable, Touched: a.Touches, Sources: a.Sources, Purposes: purposes,
			File: func(place string, f servicespec.File) ui.FileItem {
				href := "/requests/" + a.ID.String() + "/files/" + place + "/" + f.ID.String()
				return ui.FileItem{Href: href, Status: form.ScanTag(r.Context(), a.scans[f.ID])}
			},
		}
		if err := d.choices(ctx, tx, r, a, &v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// choices reads what the questions of a page are answered from.
func (d *Desk) choices(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, v *form.View) (err error) {
	v.Areas = map[form.AreaList][]ui.Option{}
	for _, list := range v.Lists() {
		if v.Areas[list] != nil {
			continue
		}
		choices, err := d.deps.Refdata.Choices(ctx, tx, list.Level, list.Within)
		if err != nil {
			return err
		}
		for _, c := range choices {
			o := ui.Option{Value: c.Code, Label: r.Text(c.Name)}
			if list.Within == "" && c.Depth > namedAlone {
				o.Label += ", " + r.Text(c.In)
			}
			v.Areas[list] = append(v.Areas[list], o)
		}
		slices.SortFunc(v.Areas[list], func(x, y ui.Option) int { return strings.Compare(x.Label, y.Label) })
	}
	v.Codes = map[string][]form.Code{}
	for _, list := range v.CodeLists() {
		codes, err := d.deps.Refdata.Codes(ctx, tx, list)
		if err != nil {
			return err
		}
		for _, c := range codes {
			if of, _ := c.Attributes["of"].(string); c.Active {
				v.Codes[list] = append(v.Codes[list], form.Code{Code: c.Code, Label: r.Text(c.Name), Of: of})
			}
		}
	}
	if !v.Asks(servicespec.KindDocument) {
		return nil
	}
	held, err := d.deps.Requests.Credentials(ctx, tx, a.Request, a.spec)
	v.Wallet = map[string][]ui.Option{}
	for _, h := range held {
		v.Wallet[h.Type] = append(v.Wallet[h.Type], ui.Option{Value: h.ID.String(), Label: r.Text(h.Title) + " · " + h.Number})
	}
	return err
}

// namedAlone is down to which depth of the tree areas need no other to be told apart.
const namedAlone = 3
