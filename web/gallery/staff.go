package gallery

import (
	"context"

	"digit/web/ui"
)

func deskSite(ctx context.Context, o Options) ui.Site {
	s := signedIn(ctx, o)
	s.Name = say(ctx, "Câmara Municipal da Praia", "Praia City Council", "بلدية برايا")
	s.Tagline = say(ctx, "Balcão de trabalho", "Workbench", "منصة العمل")
	s.SignedIn = "Carlos Moreira"
	s.Nav = []ui.NavItem{
		{Label: say(ctx, "Pedidos", "Cases", "الطلبات"), Href: "#", Current: true},
		{Label: say(ctx, "Pessoas", "People", "الأشخاص"), Href: "#people"},
		{Label: say(ctx, "Indicadores", "Figures", "المؤشرات"), Href: "#figures"},
	}
	return s
}

func consoleSite(ctx context.Context, o Options) ui.Site {
	s := deskSite(ctx, o)
	s.Tagline = say(ctx, "Consola", "Console", "وحدة التحكم")
	set := say(ctx, "Definições", "Settings", "الإعدادات")
	s.Nav = []ui.NavItem{
		{Label: say(ctx, "Visão geral", "Overview", "نظرة عامة"), Href: "#", Icon: "layout-dashboard", Current: true},
		{Label: say(ctx, "Serviços", "Services", "الخدمات"), Href: "#s", Icon: "workflow"},
		{Label: say(ctx, "Pessoas e funções", "People and roles", "الأشخاص والأدوار"), Href: "#p", Icon: "users"},
		{Group: set, Label: say(ctx, "Marca", "Brand", "العلامة"), Href: "#b", Icon: "settings"},
		{Group: set, Label: say(ctx, "Notificações", "Notifications", "الإشعارات"), Href: "#n", Icon: "bell"},
		{Group: set, Label: say(ctx, "Pagamentos", "Payments", "المدفوعات"), Href: "#pay", Icon: "wallet"},
	}
	return s
}
