package auth

import (
	"context"
	"strings"

	"digit/web/ui"
)

func signInTitle(staff bool) string {
	if staff {
		return "auth.staff.title"
	}
	return "auth.title"
}

func signInLead(staff bool) string {
	if staff {
		return "auth.staff.lead"
	}
	return "auth.lead"
}

// signInPasskey is the first choice of staff; people are offered it besides, and among the suggestions of the field.
func signInPasskey(ctx context.Context, v signInView) passkeyForm {
	return passkeyForm{
		Action: "/sign-in/passkey", Options: "/sign-in/passkey/options", Submit: ui.T(ctx, "auth.passkey"), Primary: v.Staff, Suggest: !v.Staff,
		Hidden: [][2]string{{"next", v.Next}, {"staff", yes(v.Staff)}},
	}
}

// form is the form of one way to confirm; what is to be gone on with goes along.
func (v confirmView) form(action, submit string) ui.FormPage {
	return ui.FormPage{Action: action, Submit: submit, Hidden: v.Resume.Hidden()}
}

// page is the frame of a page of one's own security.
func (s shell) page() ui.PageView {
	return ui.PageView{Title: s.Title, Site: s.Site, Back: s.Back, Notice: s.Notice, ErrorCount: s.Errors, NoIndex: true, Script: s.Script}
}

// isolated keeps an address together in a sentence that runs from right to left, a plus sign at its beginning included.
func isolated(address string) string { return "\u2066" + address + "\u2069" }

// withoutAccount is where somebody applies without an account for the service that they wanted to begin; "" where they want something else.
func (v signInView) withoutAccount() string {
	path, _, _ := strings.Cut(v.Next, "?")
	code, ok := strings.CutSuffix(strings.TrimPrefix(path, "/services/"), "/start")
	if !ok || !strings.HasPrefix(path, "/services/") || code == "" || strings.Contains(code, "/") {
		return ""
	}
	return "/services/" + code + "/guest"
}
