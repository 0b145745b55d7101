package servicespec

// fillDefaults writes out what the language lets a designer leave away.
func fillDefaults(p *Pack) {
	for i := range p.Form.Pages {
		for j := range p.Form.Pages[i].Questions {
			documentDefaults(p, &p.Form.Pages[i].Questions[j])
			questionDefaults(&p.Form.Pages[i].Questions[j])
		}
	}
	for i := range p.Eligibility.Questions {
		questionDefaults(&p.Eligibility.Questions[i])
	}
	for i := range p.Documents {
		proofDefaults(&p.Documents[i])
	}
	if p.Feedback != nil {
		for i := range p.Feedback.Questions {
			questionDefaults(&p.Feedback.Questions[i])
		}
	}
	for i := range p.Fees {
		feeDefaults(&p.Fees[i])
	}
	workflowDefaults(&p.Workflow)
	for i := range p.Notices {
		if len(p.Notices[i].To) == 0 {
			p.Notices[i].To = []string{ToCitizen}
		}
	}
	for i := range p.Records {
		set(&p.Records[i].Mode, ModeWrite)
	}
	if p.Target.WarnPercent == 0 {
		p.Target.WarnPercent = 75
	}
}

func set(s *string, v string) {
	if *s == "" {
		*s = v
	}
}

func feeDefaults(f *Fee) {
	set(&f.Kind, FeeCharge)
	if f.Percent != nil {
		set(&f.Percent.Rounding, "half_up")
	}
	if f.Round != nil {
		set(&f.Round.How, "half_up")
	}
}

func workflowDefaults(w *Workflow) {
	roles := map[string]string{}
	w.Each(func(_ string, st *State, _, _ string) {
		set(&st.Kind, StateWork)
		switch st.Kind {
		case StateEnd:
			set(&st.Clock, "stop")
		case StateCitizen, StatePayment:
			set(&st.Clock, "pause")
		case StateParallel:
			set(&st.Join, JoinAll)
		}
		if len(st.Opinions) > 0 {
			set(&st.Join, JoinAll)
		}
		for i := range st.Opinions {
			set(&st.Opinions[i].Late, LateRemind)
		}
		set(&st.Clock, "run")
		roles[st.Code] = st.Role
	})
	for i := range w.Actions {
		a := &w.Actions[i]
		set(&a.By, ByStaff)
		set(&a.Comment, "none")
		set(&a.Style, "secondary")
		if a.By == ByStaff && len(a.From) > 0 {
			set(&a.Role, roles[a.From[0]])
		}
		for j := range a.Questions {
			questionDefaults(&a.Questions[j])
		}
		for j := range a.Documents {
			if len(a.Documents[j].Accept) == 0 {
				a.Documents[j].Accept = defaultAccept()
			}
		}
	}
}

// How branches and opinions join.
const (
	JoinAll = "all"
	JoinAny = "any"
)

// Sizes where a question does not say its own.
const (
	defaultLength     = 200
	defaultLongLength = 2000
	defaultFileSize   = 10 << 20
)

func defaultAccept() []string { return []string{"application/pdf", "image/jpeg", "image/png"} }

// documentDefaults takes over what a document says for the question that asks for it.
func documentDefaults(p *Pack, q *Question) {
	if q.Kind != KindDocument {
		return
	}
	for i := range p.Documents {
		d := &p.Documents[i]
		if d.Code != q.Code {
			continue
		}
		if q.Label.IsZero() {
			q.Label = d.Name
		}
		if q.Hint.IsZero() {
			q.Hint = d.Hint
		}
		set(&q.Sensitivity, d.Sensitivity)
		if d.Optional {
			set(&q.Required, "false")
		}
	}
}

// proofDefaults gives a document without proofs one: a file.
func proofDefaults(d *Document) {
	if len(d.Proofs) == 0 {
		d.Proofs = []Proof{{Code: "file", Name: d.Name}}
	}
	for i := range d.Proofs {
		pr := &d.Proofs[i]
		if pr.Credential != "" || pr.Lookup != "" {
			continue
		}
		if pr.MaxFiles == 0 {
			pr.MaxFiles = 1
		}
		if pr.MaxSize == 0 {
			pr.MaxSize = defaultFileSize
		}
		if len(pr.Accept) == 0 {
			pr.Accept = defaultAccept()
		}
	}
}

func questionDefaults(q *Question) {
	set(&q.Required, "true")
	length := func(n int) {
		if q.MaxLength == 0 {
			q.MaxLength = n
		}
	}
	lines := func(n int) {
		if q.Lines == 0 {
			q.Lines = n
		}
	}
	switch q.Kind {
	case KindText, KindName, KindSignature:
		length(defaultLength)
	case KindID:
		length(40)
	case KindLongText:
		length(defaultLongLength)
		lines(5)
	case KindAddress:
		length(500)
		lines(3)
		if len(q.Levels) > 0 {
			set(&q.Level, q.Levels[len(q.Levels)-1])
		}
	case KindBoundary:
		if len(q.Levels) == 0 && q.Level != "" {
			q.Levels = []string{q.Level}
		}
		if len(q.Levels) > 0 {
			set(&q.Level, q.Levels[len(q.Levels)-1])
		}
	case KindFile:
		if q.MaxFiles == 0 {
			q.MaxFiles = 1
		}
		if q.MaxSize == 0 {
			q.MaxSize = defaultFileSize
		}
		if len(q.Accept) == 0 {
			q.Accept = defaultAccept()
		}
	case KindGroup:
		for i := range q.Fields {
			questionDefaults(&q.Fields[i])
		}
	}
}
