// Package workbench is where staff works, on a page: the inbox with its queues, the case with everything that is needed
// to decide it, and the acts. What may be seen and done the modules decide; nothing here does.
package workbench

import (
	"net/http"

	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/frame"
)

// Deps is what the workbench calls.
type Deps struct {
	Workbench    *bench.Service
	Applications *orchestration.Service
	Certificates *certificate.Service
	Documents    *document.Service
	Refdata      *refdata.Service
	Identity     *identity.Service
	Agencies     *agency.Service
}

// Workbench holds the handlers.
type Workbench struct{ deps Deps }

// New makes the workbench; it panics if a dependency is missing.
func New(d Deps) *Workbench {
	if d.Workbench == nil || d.Applications == nil || d.Certificates == nil || d.Documents == nil || d.Refdata == nil || d.Identity == nil || d.Agencies == nil {
		panic("workbench.New: a dependency is missing")
	}
	return &Workbench{deps: d}
}

// revokePermission is certificate's permission to take a certificate out of force.
const revokePermission = "certificate:revoke"

// exportsPerMinute is how many lists one person takes with them a minute.
const exportsPerMinute = 20

// Routes lists the workbench's routes.
func (w *Workbench) Routes() []frame.Route {
	page := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: permission, Kind: frame.Page, Handler: h}
	}
	const get, post = http.MethodGet, http.MethodPost
	act := page(post, "/workbench/cases/{id}/act/{action}", bench.Use, w.act)
	act.MaxBody = attachLimit
	writing := page(post, "/workbench/cases/{id}/messages", orchestration.WriteTo, w.write)
	writing.MaxBody = attachLimit
	advising := page(post, opinionsPath+"/{opinion}", orchestration.Advise, w.advise)
	advising.MaxBody = attachLimit
	return []frame.Route{
		page(get, "/workbench", bench.Use, w.inbox),
		{Method: get, Pattern: "/workbench/export.csv", Permission: bench.Use, Kind: frame.Page, Handler: w.export, PerMinute: exportsPerMinute},
		page(post, "/workbench/find", bench.Use, w.find),
		page(post, "/workbench/bulk", bench.Use, w.choose),
		page(get, "/workbench/bulk/{bulk}", bench.Use, w.bulk),
		page(post, "/workbench/bulk/{bulk}/start", bench.Use, w.start),
		page(post, "/workbench/bulk/{bulk}/retry", bench.Use, w.retry),
		page(post, "/workbench/bulk/{bulk}/undo", bench.Use, w.undo),
		page(get, "/workbench/load", workflow.Release, w.load),
		page(get, timesPath, workflow.Release, w.times),
		{Method: get, Pattern: timesPath + "/export.csv", Permission: workflow.Release, Kind: frame.Page, Handler: w.exportTimes, PerMinute: exportsPerMinute},
		page(get, "/workbench/templates", bench.Use, w.templates),
		page(get, "/workbench/templates/{template}", workflow.Release, w.template),
		page(post, "/workbench/templates/{template}", workflow.Release, w.putTemplate),
		page(post, "/workbench/templates/{template}/remove", workflow.Release, w.removeTemplate),
		page(get, "/workbench/keys", bench.Use, w.keys),
		page(post, "/workbench/keys", bench.Use, w.setKeys),
		page(get, "/workbench/lists", bench.Use, w.lists),
		page(post, "/workbench/lists", bench.Use, w.save),
		page(post, "/workbench/lists/{list}/pin", bench.Use, w.pin),
		page(post, "/workbench/lists/{list}/remove", bench.Use, w.discard),
		page(get, opinionsPath, orchestration.Advise, w.opinions),
		{Method: get, Pattern: opinionsPath + "/export.csv", Permission: orchestration.Advise, Kind: frame.Page, Handler: w.exportOpinions, PerMinute: exportsPerMinute},
		page(get, opinionsPath+"/{opinion}", orchestration.Advise, w.opinion),
		advising,
		page(get, opinionsPath+"/{opinion}/files/{file}", orchestration.Advise, w.opinionFile),
		page(get, "/workbench/cases/{id}/opinions/files/{file}", bench.Use, w.caseOpinionFile),
		page(get, "/workbench/cases/{id}", bench.Use, w.showCase),
		page(get, "/workbench/cases/{id}/files/{file}/redact", bench.RedactFiles, w.redactPage),
		page(post, "/workbench/cases/{id}/files/{file}/redact", bench.RedactFiles, w.redact),
		page(get, "/workbench/cases/{id}/redactions/{redaction}", bench.Use, w.redacted),
		page(post, "/workbench/cases/{id}/redactions/{redaction}/withdraw", bench.RedactFiles, w.withdrawRedaction),
		{Method: get, Pattern: "/workbench/cases/{id}/case.pdf", Permission: bench.Use, Kind: frame.Page, Handler: w.casePDF, PerMinute: exportsPerMinute},
		page(get, "/workbench/cases/{id}/check", bench.Use, w.checkPage),
		page(post, "/workbench/cases/{id}/check", bench.Use, w.check),
		page(get, "/workbench/cases/{id}/related", bench.Use, w.related),
		page(get, "/workbench/cases/{id}/related/{other}", bench.Use, w.compare),
		page(post, "/workbench/cases/{id}/related/{other}", bench.Use, w.mark),
		page(get, "/workbench/cases/{id}/files/{file}", bench.Use, w.file),
		page(get, "/workbench/cases/{id}/reveal/{question}", orchestration.Reveal, w.revealAsk),
		page(post, "/workbench/cases/{id}/reveal/{question}", orchestration.Reveal, w.reveal),
		page(post, "/workbench/cases/{id}/claim", bench.Use, w.claim),
		page(post, "/workbench/cases/{id}/release", bench.Use, w.release),
		page(post, "/workbench/cases/{id}/give", bench.Use, w.give),
		act,
		page(get, "/workbench/cases/{id}/since", bench.Use, w.since),
		page(post, "/workbench/cases/{id}/undo", bench.Use, w.undoDecision),
		page(get, "/workbench/cases/{id}/messages", bench.Use, w.messages),
		writing,
		page(get, "/workbench/cases/{id}/messages/files/{file}", bench.Use, w.messageFile),
		page(post, "/workbench/cases/{id}/note", bench.Use, w.note),
		page(get, "/workbench/cases/{id}/certificate", bench.Use, w.certificate),
		page(get, "/workbench/cases/{id}/certificate/revoke", revokePermission, w.revokeAsk),
		page(post, "/workbench/cases/{id}/certificate/revoke", revokePermission, w.revoke),
	}
}
