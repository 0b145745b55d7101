// Package portal is the citizen's side on a page: find a service, apply, follow, pay, keep what was issued, show it,
// and let anybody verify it.
package portal

import (
	"net/http"

	"digit/internal/consumer/profile"
	"digit/internal/consumer/request"
	"digit/internal/consumer/wallet"
	"digit/internal/infra/audit"
	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/internal/provider/orchestration"
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
	Audit        *audit.Service
	Applications *orchestration.Service // what others have reported nearby
	Texts        *i18n.Catalog
}

// Portal holds the handlers.
type Portal struct{ deps Deps }

// New makes the portal.
func New(d Deps) *Portal { return &Portal{deps: d} }

// uploadLimit is what a page with files may send: three files of ten megabytes and some words.
const uploadLimit = 32 << 20

// How often a minute one person, or one address where nobody is signed in, may do what costs others something: looking
// through files, sending to agencies, guessing numbers and links of documents.
const (
	pagesPerMinute  = 60
	sentPerMinute   = 20
	proofsPerMinute = 60
	filesPerMinute  = 120
	textsPerMinute  = 30
	piecesPerMinute = 600
)

// Routes lists the portal's routes.
func (p *Portal) Routes() []frame.Route {
	page := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: permission, Kind: frame.Page, Handler: h}
	}
	// fresh is for what reaches far: the person proves anew who they are.
	fresh := func(r frame.Route) frame.Route {
		r.Fresh = frame.FreshFor
		return r
	}
	// What a person's representative, and a person without an account, may open too: their requests, and their wallet to look at.
	both := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		r := page(method, pattern, permission, h)
		r.Representative, r.Guest = true, true
		return r
	}
	const get, post = http.MethodGet, http.MethodPost
	upload := both(post, "/requests/{id}/pages/{page}", frame.Citizen, p.answerPage)
	upload.MaxBody, upload.PerMinute = uploadLimit, pagesPerMinute
	uploadRow := both(post, "/requests/{id}/pages/{page}/rows/{group}/{row}", frame.Citizen, p.answerRow)
	uploadRow.MaxBody, uploadRow.PerMinute = uploadLimit, pagesPerMinute
	verify := page(post, "/verify", frame.Public, p.verify)
	verify.MaxBody, verify.PerMinute = uploadLimit, proofsPerMinute
	often := func(n int, r frame.Route) frame.Route {
		r.PerMinute = n
		return r
	}
	writing := both(post, "/requests/{id}/messages", frame.Citizen, p.write)
	writing.MaxBody, writing.PerMinute = uploadLimit, sentPerMinute
	api := func(pattern string, most int64, n int, h func(*frame.Request) error) frame.Route { // of the page's script
		r := both(post, pattern, frame.Citizen, h)
		r.Kind, r.PerMinute = frame.API, n
		if most > 0 {
			r.MaxBody = most
		}
		return r
	}
	own := func(r frame.Route) frame.Route { // of people with an account alone, and who acts for them
		r.Guest = false
		return r
	}
	return append(append(p.guestRoutes(), p.payLinkRoutes()...), []frame.Route{
		page(get, "/", frame.Public, p.home),
		page(get, "/services", frame.Public, p.services),
		page(get, "/services/{code}", frame.Public, p.service),
		page(get, "/elsewhere/{id}", frame.Public, p.leave),
		page(get, needPath, frame.Public, p.needAsk),
		often(pagesPerMinute, page(post, needPath, frame.Public, p.need)),
		page(get, "/agencies", frame.Public, p.agencyList),
		page(get, "/agencies/{code}", frame.Public, p.agency),
		often(textsPerMinute, page(get, "/services/{code}/api", frame.Public, p.describe)),
		often(textsPerMinute, page(get, "/services/{code}/paper", frame.Public, p.paper)),
		page(get, "/services/{code}/check", frame.Public, p.screenAsk),
		often(pagesPerMinute, page(post, "/services/{code}/check", frame.Public, p.screen)),
		often(textsPerMinute, page(get, "/services.atom", frame.Public, p.feed)),
		often(textsPerMinute, page(get, "/sitemap.xml", frame.Public, p.sitemap)),
		page(get, "/robots.txt", frame.Public, p.robots),
		both(get, "/services/{code}/start", frame.Citizen, p.startAsk),
		often(sentPerMinute, both(post, "/services/{code}/start", frame.Citizen, p.start)),

		both(get, "/requests", frame.Citizen, p.requests),
		both(get, "/requests/{id}", frame.Citizen, p.request),
		both(get, "/requests/{id}/pages/{page}", frame.Citizen, p.showPage),
		upload,
		both(get, "/requests/{id}/pages/{page}/rows/{group}/{row}", frame.Citizen, p.showRow),
		uploadRow,
		both(get, "/requests/{id}/pages/{page}/rows/{group}/{row}/remove", frame.Citizen, p.removeRowAsk),
		both(post, "/requests/{id}/pages/{page}/rows/{group}/{row}/remove", frame.Citizen, p.removeRow),
		both(get, "/requests/{id}/stop", frame.Citizen, p.stop),
		both(get, "/requests/{id}/check", frame.Citizen, p.check),
		often(sentPerMinute, both(post, "/requests/{id}/submit", frame.Citizen, p.submit)),
		both(get, "/requests/{id}/sent", frame.Citizen, p.sent),
		both(get, "/requests/{id}/withdraw", frame.Citizen, p.withdrawAsk),
		both(post, "/requests/{id}/withdraw", frame.Citizen, p.withdraw),
		both(get, "/requests/{id}/again/{kind}", frame.Citizen, p.againAsk),
		often(sentPerMinute, both(post, "/requests/{id}/again/{kind}", frame.Citizen, p.again)),
		both(get, "/requests/{id}/rate", frame.Citizen, p.rateAsk),
		often(sentPerMinute, both(post, "/requests/{id}/rate", frame.Citizen, p.rate)),
		both(get, "/requests/{id}/rated", frame.Citizen, p.rated),
		own(both(get, "/requests/{id}/elsewhere", frame.Citizen, p.elsewhere)),
		both(get, "/requests/{id}/near", frame.Citizen, p.near),
		both(post, "/requests/{id}/near/{report}", frame.Citizen, p.follow),
		page(get, "/requests/{id}/for", frame.Citizen, p.subjectAsk),
		page(post, "/requests/{id}/for", frame.Citizen, p.setSubject),
		often(filesPerMinute, both(get, "/requests/{id}/answers.pdf", frame.Citizen, p.answersPDF)),
		both(get, "/requests/{id}/messages", frame.Citizen, p.messages),
		writing,
		often(filesPerMinute, both(get, "/requests/{id}/messages/files/{file}", frame.Citizen, p.messageFile)),
		often(filesPerMinute, both(get, "/requests/{id}/letters/{document}", frame.Citizen, p.letter)),
		both(get, "/requests/{id}/discard", frame.Citizen, p.discardAsk),
		both(post, "/requests/{id}/discard", frame.Citizen, p.discard),
		both(post, "/requests/{id}/resume", frame.Citizen, p.resume),
		often(filesPerMinute, both(get, "/requests/{id}/files/{question}/{file}", frame.Citizen, p.file)),
		both(get, "/requests/{id}/files/{question}/{file}/remove", frame.Citizen, p.removeFileAsk),
		both(post, "/requests/{id}/files/{question}/{file}/remove", frame.Citizen, p.removeFile),

		api("/requests/{id}/uploads", 0, filesPerMinute, p.beginUpload),
		api("/requests/{id}/uploads/{upload}", document.MaxPiece, piecesPerMinute, p.appendUpload),
		api("/requests/{id}/uploads/{upload}/cancel", 0, filesPerMinute, p.cancelUpload),

		both(get, "/requests/{id}/pay", frame.Citizen, p.payAsk),
		often(sentPerMinute, both(post, "/requests/{id}/pay", frame.Citizen, p.pay)),
		both(get, "/requests/{id}/paid", frame.Citizen, p.paid),
		both(get, "/requests/{id}/receipt", frame.Citizen, p.receipt),

		own(both(get, "/documents", frame.Citizen, p.documents)),
		own(often(pagesPerMinute, both(post, "/documents", frame.Citizen, p.documents))),
		own(both(get, "/documents/{file}/remove", frame.Citizen, p.removeDocumentAsk)),
		own(both(post, "/documents/{file}/remove", frame.Citizen, p.removeDocument)),

		both(get, "/wallet", frame.Citizen, p.walletItems),
		both(get, "/wallet/{id}", frame.Citizen, p.walletItem),
		both(get, "/wallet/{id}/pdf", frame.Citizen, p.walletPDF),
		fresh(page(get, "/wallet/{id}/share", frame.Citizen, p.shareAsk)),
		fresh(often(sentPerMinute, page(post, "/wallet/{id}/share", frame.Citizen, p.share))),
		page(post, "/wallet/{id}/shares/{share}/end", frame.Citizen, p.endShare),
		page(post, "/wallet/{id}/hide", frame.Citizen, p.hideItem),
		page(post, "/wallet/{id}/restore", frame.Citizen, p.restoreItem),
		often(proofsPerMinute, page(get, "/shared/{token}", frame.Public, p.shared)),

		page(get, "/verify", frame.Public, p.verifyAsk),
		verify,
		often(proofsPerMinute, page(get, "/verify/{code}", frame.Public, p.verifyCode)),

		page(get, "/welcome", frame.Citizen, p.welcome),
		page(get, "/profile", frame.Citizen, p.profile),
		page(post, "/profile", frame.Citizen, p.changeProfile),
		page(get, "/profile/consents", frame.Citizen, p.consents),
		page(get, "/profile/preferences", frame.Citizen, p.preferences),
		page(post, "/profile/preferences", frame.Citizen, p.changePreferences),
		page(get, "/profile/data", frame.Citizen, p.data),
		fresh(often(sentPerMinute, page(post, "/profile/data/copy", frame.Citizen, p.askCopy))),
		fresh(often(filesPerMinute, page(get, "/profile/data/copy", frame.Citizen, p.copyFile))),
		page(get, "/profile/data/erase", frame.Citizen, p.eraseAsk),
		fresh(page(post, "/profile/data/erase", frame.Citizen, p.askErasure)),
		page(post, "/profile/data/erase/undo", frame.Citizen, p.undoErasure),
		page(get, "/profile/household", frame.Citizen, p.household),
		page(get, "/profile/household/{member}", frame.Citizen, p.memberAsk),
		page(post, "/profile/household/{member}", frame.Citizen, p.putMember),
		page(get, "/profile/household/{member}/remove", frame.Citizen, p.removeMemberAsk),
		page(post, "/profile/household/{member}/remove", frame.Citizen, p.removeMember),
		page(get, "/profile/access", frame.Citizen, p.access),

		page(get, "/help", frame.Public, p.help),
		page(get, "/accessibility", frame.Public, p.accessibility),
		page(get, "/privacy", frame.Public, p.privacy),
		page(get, "/.well-known/security.txt", frame.Public, p.securityText),
	}...)
}
