package gallery

import (
	"context"
	"time"

	"digit/web/ui"
)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, time.June, day, hour, minute, 0, 0, time.UTC)
}

func dateError(ctx context.Context) string {
	return say(ctx, "A data de nascimento tem de ser um dia que existe", "Date of birth must be a day that exists", "يجب أن يكون تاريخ الميلاد يومًا موجودًا")
}

func timeline(ctx context.Context) []ui.Event {
	return []ui.Event{
		{State: ui.Done, Title: say(ctx, "Pedido enviado", "Application sent", "تم إرسال الطلب"), Time: at(1, 9, 30)},
		{State: ui.Done, Title: say(ctx, "Taxa paga", "Fee paid", "تم دفع الرسوم"), Time: at(1, 9, 41), Text: say(ctx, "Recibo REC-2026-000310", "Receipt REC-2026-000310", "الإيصال REC-2026-000310")},
		{State: ui.Current, Title: say(ctx, "Análise pela Câmara", "Review by the council", "مراجعة البلدية"), When: say(ctx, "desde terça-feira, 2 de junho", "since Tuesday 2 June", "منذ الثلاثاء 2 يونيو"), Text: say(ctx, "Um técnico confirma os documentos e a morada.", "An officer checks the documents and the address.", "يتحقق موظف من المستندات والعنوان.")},
		{State: ui.Ahead, Title: say(ctx, "Decisão", "Decision", "القرار"), When: say(ctx, "até sexta-feira, 12 de junho", "by Friday 12 June", "بحلول الجمعة 12 يونيو")},
	}
}

func history(ctx context.Context) []ui.Event {
	officer := say(ctx, "Carlos Moreira, técnico", "Carlos Moreira, officer", "كارلوس موريرا، موظف")
	return []ui.Event{
		{State: ui.Current, Title: say(ctx, "Atribuído a si", "Claimed by you", "مسند إليك"), Time: at(3, 8, 55), By: officer},
		{State: ui.Trouble, Title: say(ctx, "Devolvido: falta a planta", "Sent back: the plan is missing", "أُعيد: المخطط مفقود"), Time: at(2, 15, 4), By: officer},
		{State: ui.Done, Title: say(ctx, "Taxa paga", "Fee paid", "تم دفع الرسوم"), Time: at(1, 9, 41)},
		{State: ui.Done, Title: say(ctx, "Pedido enviado", "Application sent", "تم إرسال الطلب"), Time: at(1, 9, 30)},
	}
}

func sampleTasks(ctx context.Context) []ui.Task {
	return []ui.Task{
		{Label: say(ctx, "Sobre si", "About you", "عنك"), Href: "#you", Done: true},
		{Label: say(ctx, "O estabelecimento", "The shop", "المتجر"), Hint: say(ctx, "Morada, área e horário", "Address, size and opening hours", "العنوان والمساحة وساعات العمل"), Href: "#shop", Status: &ui.TagView{Text: say(ctx, "Por acabar", "In progress", "قيد الإكمال"), Kind: ui.Info}},
		{Label: say(ctx, "Documentos", "Documents", "المستندات"), Href: "#docs", Status: &ui.TagView{Text: say(ctx, "Há um problema", "There is a problem", "هناك مشكلة"), Kind: ui.Danger}},
		{Label: say(ctx, "Confirmar e pagar", "Check and pay", "المراجعة والدفع")},
	}
}

func queues(ctx context.Context) []ui.NavItem {
	mine, all := say(ctx, "As minhas filas", "My queues", "قوائمي"), say(ctx, "Equipa", "Team", "الفريق")
	return []ui.NavItem{
		{Group: mine, Label: say(ctx, "Para mim", "For me", "لي"), Href: "#mine", Icon: "inbox", Count: count(12), Current: true},
		{Group: mine, Label: say(ctx, "Fora do prazo", "Overdue", "متأخرة"), Href: "#late", Icon: "clock", Count: count(3), Urgent: true},
		{Group: mine, Label: say(ctx, "À espera do cidadão", "Waiting for the citizen", "بانتظار المواطن"), Href: "#waiting", Icon: "pause", Count: count(7)},
		{Group: all, Label: say(ctx, "Por atribuir", "Unclaimed", "غير مسندة"), Href: "#free", Icon: "users", Count: count(1204)},
		{Group: all, Label: say(ctx, "Concluídos", "Closed", "مغلقة"), Href: "#closed", Icon: "circle-check"},
	}
}

func cases(ctx context.Context) ui.TableView {
	type row struct {
		ref, name, service, due, dueSub string
		kind                            ui.Kind
	}
	licence, birth := say(ctx, "Licença comercial", "Trade licence", "رخصة تجارية"), say(ctx, "Certidão de nascimento", "Birth certificate", "شهادة ميلاد")
	late, soon, fine := say(ctx, "Fora do prazo", "Overdue", "متأخر"), say(ctx, "A terminar", "Due soon", "قريب الاستحقاق"), say(ctx, "No prazo", "On time", "ضمن المهلة")
	rows := []row{
		{"LIC-2026-000038", "Ana Rita Gomes", licence, late, say(ctx, "há 2 dias", "2 days ago", "منذ يومين"), ui.Danger},
		{"LIC-2026-000045", "Maria Celeste Évora Tavares dos Santos", licence, soon, say(ctx, "hoje, 17:00", "today, 17:00", "اليوم 17:00"), ui.Warning},
		{"CRN-2026-000123", "João Baptista Lopes", birth, soon, say(ctx, "amanhã", "tomorrow", "غدًا"), ui.Warning},
		{"CRN-2026-000131", "Pedro Semedo", birth, fine, say(ctx, "5 de junho", "5 June", "5 يونيو"), ui.Neutral},
		{"LIC-2026-000051", "Kriolu Comércio, Lda.", licence, fine, say(ctx, "9 de junho", "9 June", "9 يونيو"), ui.Neutral},
	}
	t := ui.TableView{
		ID: "cases", Caption: say(ctx, "Para mim", "For me", "لي"), HideCaption: true, Stack: true, Selectable: true,
		Columns: []ui.Column{
			{Label: say(ctx, "Pedido", "Application", "الطلب")},
			{Label: say(ctx, "Serviço", "Service", "الخدمة")},
			{Label: say(ctx, "Prazo", "Due", "المهلة"), SortHref: "#sort", Sorted: "ascending"},
		},
	}
	for i, r := range rows {
		t.Rows = append(t.Rows, ui.Row{
			Current: i == 1, Select: r.ref, SelectLabel: r.ref, Group: r.due,
			Cells: []ui.Cell{
				{Text: r.ref, Href: "#case", Sub: r.name},
				{Text: r.service},
				{Tag: &ui.TagView{Text: r.due, Kind: r.kind}, Sub: r.dueSub},
			},
		})
	}
	return t
}

func weeks(ctx context.Context) ui.ChartView {
	c := ui.ChartView{
		Title:     say(ctx, "Pedidos recebidos por semana", "Applications received each week", "الطلبات المستلمة أسبوعيًا"),
		Summary:   say(ctx, "De 210 na primeira semana para 480 na oitava", "From 210 in the first week to 480 in the eighth", "من 210 في الأسبوع الأول إلى 480 في الثامن"),
		LabelHead: say(ctx, "Semana", "Week", "الأسبوع"), ValueHead: say(ctx, "Pedidos", "Applications", "الطلبات"),
	}
	for i, n := range []int{210, 260, 240, 310, 350, 330, 420, 480} {
		c.Points = append(c.Points, ui.Point{Label: say(ctx, "Semana ", "Week ", "الأسبوع ") + ui.Number(ctx, i+15), Value: float64(n), Text: ui.Number(ctx, n)})
	}
	return c
}

func services(ctx context.Context) ui.ChartView {
	c := ui.ChartView{Title: say(ctx, "Pedidos por serviço", "Applications by service", "الطلبات حسب الخدمة"), LabelHead: say(ctx, "Serviço", "Service", "الخدمة"), ValueHead: say(ctx, "Pedidos", "Applications", "الطلبات")}
	for _, p := range []struct {
		label string
		n     int
	}{
		{say(ctx, "Certidão de nascimento", "Birth certificate", "شهادة ميلاد"), 1840},
		{say(ctx, "Iluminação avariada", "Street light out", "عطل في الإنارة"), 920},
		{say(ctx, "Licença comercial", "Trade licence", "رخصة تجارية"), 410},
	} {
		c.Points = append(c.Points, ui.Point{Label: p.label, Value: float64(p.n), Text: ui.Number(ctx, p.n)})
	}
	return c
}
