package portal

import (
	"context"

	"digit/web/ui"
)

// agencyCrumbs lead from the front page over the agencies above to an agency.
func agencyCrumbs(ctx context.Context, v agencyView) []ui.Link {
	crumbs := []ui.Link{{Label: ui.T(ctx, "portal.home.title"), Href: "/"}, {Label: ui.T(ctx, "portal.agencies.title"), Href: "/agencies"}}
	return append(crumbs, v.Above...)
}

func agencyFacts(ctx context.Context, v agencyView) []ui.Fact {
	facts := []ui.Fact{{Key: ui.T(ctx, "portal.agencies.area"), Value: v.Area}}
	if v.Phone != "" {
		facts = append(facts, ui.Fact{Key: ui.T(ctx, "portal.agencies.phone"), Body: contactLink("tel:"+v.Phone, v.Phone)})
	}
	if v.Email != "" {
		facts = append(facts, ui.Fact{Key: ui.T(ctx, "portal.agencies.email"), Body: contactLink("mailto:"+v.Email, v.Email)})
	}
	return facts
}
