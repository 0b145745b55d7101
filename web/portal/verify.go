package portal

import (
	"context"
	"net/http"

	"digit/internal/infra/certificate"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type verifyView struct {
	Site     ui.Site
	Text     string
	Problems []ui.Problem
	Error    string
	Result   *resultView
}

type resultView struct {
	Outcome     string
	Kind        ui.Kind
	Title, Text string
	Facts       []ui.Fact
	SharedUntil string
}

func (p *Portal) verifyAsk(r *frame.Request) error {
	return r.HTML(verifyPage(verifyView{Site: r.Site(frame.Portal)}))
}

// verify checks what somebody was shown: a code or number typed in, or the PDF itself. No account is needed, and
// nothing about the person who checks is kept.
func (p *Portal) verify(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v := verifyView{Site: r.Site(frame.Portal), Text: posted.Get("text")}
	var file []byte
	if r.MultipartForm != nil {
		for _, h := range r.MultipartForm.File["file"] {
			if file, err = readAll(h); err != nil {
				return err
			}
		}
	}
	if len(file) == 0 && v.Text == "" {
		v.Error = r.T("verify.nothing")
		v.Problems = []ui.Problem{{Field: "text", Text: v.Error}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, verifyPage(v))
	}
	var found certificate.Verification
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if len(file) > 0 {
			found, err = p.deps.Certificates.VerifyFile(ctx, tx, file)
			return err
		}
		found, err = p.deps.Certificates.Verify(ctx, tx, v.Text)
		return err
	})
	if err != nil {
		return err
	}
	v.Result = result(r, found)
	if len(file) > 0 && found.Outcome == certificate.OutcomeUnknown {
		v.Result.Text = r.T("verify.text.unknown_file")
	}
	return r.HTML(verifyPage(v))
}

// verifyCode is where the QR code on a certificate leads.
func (p *Portal) verifyCode(r *frame.Request) error {
	var found certificate.Verification
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = p.deps.Certificates.Verify(ctx, tx, r.Param("code"))
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(verifyPage(verifyView{Site: r.Site(frame.Portal), Result: result(r, found)}))
}

// shared shows what a holder chose to show to whoever has the link.
func (p *Portal) shared(r *frame.Request) error {
	var v verifyView
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		found, until, err := p.deps.Wallet.Shared(ctx, tx, r.Param("token"))
		if err != nil {
			return err
		}
		v.Result = result(r, found)
		v.Result.SharedUntil = ui.Date(r.Context(), until)
		return nil
	})
	if err != nil {
		return err
	}
	v.Site = r.Site(frame.Portal)
	return r.HTML(verifyPage(v))
}

// result says what was found, in a word, a sentence and a colour.
func result(r *frame.Request, v certificate.Verification) *resultView {
	out := string(v.Outcome)
	res := &resultView{Outcome: out, Title: r.T("verify.outcome." + out), Text: r.T("verify.text." + out), Kind: ui.Danger}
	switch v.Outcome {
	case certificate.OutcomeValid:
		res.Kind = ui.Success
	case certificate.OutcomeExpired, certificate.OutcomeSuspended:
		res.Kind = ui.Warning
	}
	if len(v.Title) > 0 {
		res.Facts = append(res.Facts, ui.Fact{Key: r.T("verify.certificate"), Value: r.Text(v.Title)},
			ui.Fact{Key: r.T("verify.agency"), Value: r.Text(v.AgencyName)})
	}
	if v.Number != "" {
		res.Facts = append(res.Facts, ui.Fact{Key: r.T("paper.number"), Value: v.Number})
	}
	res.Facts = append(res.Facts, claimFacts(r, v.Claims)...)
	if !v.IssuedAt.IsZero() {
		res.Facts = append(res.Facts, ui.Fact{Key: r.T("paper.issued"), Value: ui.Date(r.Context(), v.IssuedAt)})
	}
	if v.ExpiresAt != nil {
		res.Facts = append(res.Facts, ui.Fact{Key: r.T("paper.expires"), Value: ui.Date(r.Context(), *v.ExpiresAt)})
	}
	return res
}
