package portal

import (
	"regexp"

	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// sequence is the counter in a format of numbers.
var sequence = regexp.MustCompile(`\{seq:\d\}`)

// paperView is the empty form of a service, to be printed.
type paperView struct {
	Site               ui.Site
	Code, Name, Agency string
	Summary            string
	Eligibility        string
	Sheet              form.Sheet
	Version            int
	Printed            string
}

// paper shows all questions of a service at once, for who fills them in by hand and brings them to the counter.
func (p *Portal) paper(r *frame.Request) error {
	e, spec, a, err := p.offered(r)
	if err != nil {
		return err
	}
	pack := spec.Pack()
	return r.HTML(paperPage(paperView{
		Site: r.Site(frame.Portal), Code: e.Code, Name: r.Text(pack.Name), Agency: r.Text(a.Name), Summary: r.Text(pack.Summary), Eligibility: r.Text(pack.Eligibility.Text),
		Sheet: form.SheetOf(pack, r.Texts(), r.Lang, r.Settings.Currency), Version: e.Version, Printed: ui.Date(r.Context(), r.Now),
	}))
}
