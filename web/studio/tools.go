package studio

import (
	"digit/internal/infra/platform/civil"
	"digit/web/frame"
)

// toolParts are the parts with tools of their own: rules, workflow, fees, documents, messages, certificates, targets, trying.
func (s *Studio) toolParts() []part {
	return []part{
		s.rulesPart(), s.tablesPart(), s.documentsPart(), s.sourcesPart(), s.feesPart(), s.workflowPart(), s.targetsPart(), s.noticesPart(), s.certificatesPart(), s.lettersPart(), s.recordsPart(), s.tryPart(),
	}
}

// today is the tenant's day.
func (s *Studio) today(r *frame.Request) civil.Date { return civil.Of(r.Now.In(r.Settings.Location())) }
