// Package portal is the citizen's side on a page: find a service, apply, follow, pay, keep what was issued, show it,
// and let anybody verify it.
package portal

import (
	"net/http"

	"digit/internal/consumer/profile"
	"digit/internal/consumer/request"
	"digit/internal/consumer/wallet"
	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/frame"
)

// Deps is what the portal calls.
type Deps struct {
	Catalog      *catalog.Service
	Agencies     *agency.Service
	Requests     *request.Service
	Wallet       *wallet.Service
	Certificates *certificate.Service
	Documents    *document.Service
	Payments     *payment.Service
	Profiles     *profile.Service
	Identity     *identity.Service
	Refdata      *refdata.Service
}

// Portal holds the handlers.
type Portal struct{ deps Deps }

// New makes the portal.
func New(d Deps) *Portal { return &Portal{deps: d} }

// uploadLimit is what a page with files may send: three files of ten megabytes and some words.
const uploadLimit = 32 << 20

// Routes lists the portal's routes.
func (p *Portal) Routes() []frame.Route {
	page := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: permission, Kind: frame.Page, Handler: h}
	}
	const get, post = http.MethodGet, http.MethodPost
	upload := page(post, "/requests/{id}/pages/{page}", frame.Citizen, p.answerPage)
	upload.MaxBody = uploadLimit
	uploadRow := page(post, "/requests/{id}/pages/{page}/rows/{group}/{row}", frame.Citizen, p.answerRow)
	uploadRow.MaxBody = uploadLimit
	verify := page(post, "/verify", frame.Public, p.verify)
	verify.MaxBody = uploadLimit
	return []frame.Route{
		page(get, "/", frame.Public, p.home),
		page(get, "/services", frame.Public, p.services),
		page(get, "/services/{code}", frame.Public, p.service),
		page(get, "/services/{code}/check", frame.Public, p.screenAsk),
		page(post, "/services/{code}/check", frame.Public, p.screen),
		page(get, "/services/{code}/start", frame.Citizen, p.startAsk),
		page(post, "/services/{code}/start", frame.Citizen, p.start),

		page(get, "/requests", frame.Citizen, p.requests),
		page(get, "/requests/{id}", frame.Citizen, p.request),
		page(get, "/requests/{id}/pages/{page}", frame.Citizen, p.showPage),
		upload,
		page(get, "/requests/{id}/pages/{page}/rows/{group}/{row}", frame.Citizen, p.showRow),
		uploadRow,
		page(get, "/requests/{id}/pages/{page}/rows/{group}/{row}/remove", frame.Citizen, p.removeRowAsk),
		page(post, "/requests/{id}/pages/{page}/rows/{group}/{row}/remove", frame.Citizen, p.removeRow),
		page(get, "/requests/{id}/stop", frame.Citizen, p.stop),
		page(get, "/requests/{id}/check", frame.Citizen, p.check),
		page(post, "/requests/{id}/submit", frame.Citizen, p.submit),
		page(get, "/requests/{id}/sent", frame.Citizen, p.sent),
		page(get, "/requests/{id}/withdraw", frame.Citizen, p.withdrawAsk),
		page(post, "/requests/{id}/withdraw", frame.Citizen, p.withdraw),
		page(get, "/requests/{id}/discard", frame.Citizen, p.discardAsk),
		page(post, "/requests/{id}/discard", frame.Citizen, p.discard),
		page(post, "/requests/{id}/resume", frame.Citizen, p.resume),
		page(get, "/requests/{id}/files/{question}/{file}", frame.Citizen, p.file),
		page(get, "/requests/{id}/files/{question}/{file}/remove", frame.Citizen, p.removeFileAsk),
		page(post, "/requests/{id}/files/{question}/{file}/remove", frame.Citizen, p.removeFile),

		page(get, "/requests/{id}/pay", frame.Citizen, p.payAsk),
		page(post, "/requests/{id}/pay", frame.Citizen, p.pay),
		page(get, "/requests/{id}/paid", frame.Citizen, p.paid),
		page(get, "/requests/{id}/receipt", frame.Citizen, p.receipt),

		page(get, "/wallet", frame.Citizen, p.walletItems),
		page(get, "/wallet/{id}", frame.Citizen, p.walletItem),
		page(get, "/wallet/{id}/pdf", frame.Citizen, p.walletPDF),
		page(get, "/wallet/{id}/share", frame.Citizen, p.shareAsk),
		page(post, "/wallet/{id}/share", frame.Citizen, p.share),
		page(post, "/wallet/{id}/shares/{share}/end", frame.Citizen, p.endShare),
		page(post, "/wallet/{id}/hide", frame.Citizen, p.hideItem),
		page(post, "/wallet/{id}/restore", frame.Citizen, p.restoreItem),
		page(get, "/shared/{token}", frame.Public, p.shared),

		page(get, "/verify", frame.Public, p.verifyAsk),
		verify,
		page(get, "/verify/{code}", frame.Public, p.verifyCode),

		page(get, "/welcome", frame.Citizen, p.welcome),
		page(get, "/profile", frame.Citizen, p.profile),
		page(post, "/profile", frame.Citizen, p.changeProfile),
		page(get, "/profile/sessions", frame.Citizen, p.sessions),
		page(post, "/profile/sessions/{id}/end", frame.Citizen, p.endSession),

		page(get, "/help", frame.Public, p.help),
		page(get, "/accessibility", frame.Public, p.accessibility),
		page(get, "/privacy", frame.Public, p.privacy),
	}
}
