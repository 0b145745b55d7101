package request

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// patienceInCorrection is after how long the citizen is reminded of a correction.
const patienceInCorrection = 5 * 24 * time.Hour

// Receive takes in what the provider answered: the state the citizen sees, a line of the timeline, and the message
// that the service's author wrote for this step. The exchange delivers each response once and in order.
// Errors: ErrNotFound.
func (s *Service) Receive(ctx context.Context, tx *pg.Tx, m exchange.ServiceResponse) (err error) {
	defer fault.Wrap(&err, "request.Receive(%s %s)", m.Kind, m.RequestID)
	r, err := s.loadAny(ctx, tx, m.RequestID)
	if err != nil {
		return err
	}
	if m.Kind == exchange.Message || m.Kind == exchange.Seen {
		return s.receiveMessage(ctx, tx, r, m)
	}
	if m, err = s.described(ctx, tx, r, m); err != nil {
		return err
	}
	m.Note = inWords(r.Lang, m)
	r.apply(m)
	if err := s.setState(ctx, tx, r); err != nil {
		return err
	}
	if m.Kind == exchange.Told {
		return s.notifyAll(ctx, tx, r, m)
	}
	entry := Entry{Kind: m.Kind, Name: m.StateName, Text: m.Text, Note: m.Note, At: m.At, Detail: Detail{
		Receipt: m.Receipt, Certificate: m.Certificate, Demand: m.Demand, Items: m.Items, Document: m.Document,
	}}
	switch m.Kind {
	case exchange.Decided:
		entry.Kind = m.Outcome
	case exchange.Letter:
		entry.Name, entry.Text = m.Title, nil
	case exchange.Opinion:
		entry.Name, entry.Text, entry.Detail.Opinion = m.Title, nil, m.Outcome
	}
	if err := s.note(ctx, tx, r, entry); err != nil {
		return err
	}
	if m.Kind == exchange.Correction {
		if err := s.remindLater(ctx, tx, r.ID, "correction", patienceInCorrection); err != nil {
			return err
		}
	}
	return s.notifyAll(ctx, tx, r, m)
}

// inWords is what the officer wrote, after the coded reasons in the person's language.
func inWords(lang string, m exchange.ServiceResponse) string {
	var parts []string
	for _, reason := range m.Reasons {
		parts = append(parts, reason.In(lang, "en"))
	}
	if m.Note != "" {
		parts = append(parts, m.Note)
	}
	return strings.Join(parts, "\n")
}

// notifyAll sends the notices of all that there is to tell.
func (s *Service) notifyAll(ctx context.Context, tx *pg.Tx, r Request, m exchange.ServiceResponse) error {
	events := m.Events
	if len(events) == 0 {
		events = []string{step(m)}
	}
	for _, event := range events {
		if err := s.notify(ctx, tx, r, event, m); err != nil {
			return err
		}
	}
	return nil
}

// described adds what the service's author calls the new state where the provider does not say it: systems of others
// send a code, or no more than how it ended.
func (s *Service) described(ctx context.Context, tx *pg.Tx, r Request, m exchange.ServiceResponse) (exchange.ServiceResponse, error) {
	if m.State == "" || len(m.StateName) > 0 {
		return m, nil
	}
	spec, err := s.deps.Services.Service(ctx, tx, r.Service, r.Version)
	if err != nil {
		return m, err
	}
	states := spec.Pack().Workflow.States
	i := slices.IndexFunc(states, func(st servicespec.State) bool { return st.Code == m.State })
	if i < 0 && m.Kind == exchange.Decided {
		i = slices.IndexFunc(states, func(st servicespec.State) bool { return st.Outcome == m.Outcome })
	}
	if i < 0 {
		return m, nil
	}
	if m.StateName = states[i].CitizenName; len(m.StateName) == 0 {
		m.StateName = states[i].Name
	}
	if len(m.Text) == 0 {
		m.Text = states[i].CitizenText
	}
	return m, nil
}

// step is the word by which a service's author names this moment in the notices.
func step(m exchange.ServiceResponse) string {
	switch m.Kind {
	case exchange.Received:
		return "submitted"
	case exchange.Moved:
		return "state:" + m.State
	case exchange.Decided:
		return m.Outcome
	}
	return m.Kind // demand, paid, correction, certificate, refused
}

// notify sends the notices written for this step to the person's verified contact points, in the language of the
// request, over the channels the notice names.
func (s *Service) notify(ctx context.Context, tx *pg.Tx, r Request, step string, m exchange.ServiceResponse) error {
	spec, facts, err := s.Spec(ctx, tx, r)
	if err != nil {
		return err
	}
	facts.Case = &servicespec.Case{Reference: r.Reference, State: r.State, Outcome: r.Outcome}
	var to []recipient
	for _, n := range spec.NoticesOn(step, r.Answers, facts) {
		if !n.For(servicespec.ToCitizen) {
			continue
		}
		if to == nil {
			if to, err = s.recipients(ctx, tx, r, purpose(step)); err != nil {
				return err
			}
		}
		if err := s.sendNotice(ctx, tx, r, told{spec, facts, n}, step, m, to); err != nil {
			return err
		}
	}
	return nil
}

// told is a notice with what its words are filled from.
type told struct {
	spec  *servicespec.Service
	facts servicespec.Facts
	servicespec.Notice
}

// purpose is what a notice of a step is for: what has to be done and what was decided always goes out, the rest as the person wishes.
func purpose(step string) string {
	switch {
	case step == "reminder":
		return "reminders"
	case step == "submitted" || step == exchange.Paid || step == "message" || strings.HasPrefix(step, "state:"):
		return "news"
	}
	return "duties"
}

func (s *Service) sendNotice(ctx context.Context, tx *pg.Tx, r Request, n told, step string, m exchange.ServiceResponse, to []recipient) error {
	fields, err := s.noticeFields(ctx, tx, r, n, m)
	if err != nil {
		return err
	}
	texts, err := s.deps.Texts(ctx, tx)
	if err != nil {
		return err
	}
	fallback := n.spec.Pack().Languages[0]
	channels := n.Channel
	if slices.Contains(channels, notification.SMS) { // the same short words
		channels = append(slices.Clone(channels), notification.WhatsApp)
	}
	for _, who := range to {
		for _, channel := range channels {
			address, ok := who.contacts[channel]
			if !ok {
				continue
			}
			_, err := s.deps.Notification.Send(ctx, tx, byPhone(notification.Message{
				Person: who.person, Channel: channel, Address: address, Lang: r.Lang, Purpose: "request." + step,
				Subject: line(servicespec.Fill(n.Subject.In(r.Lang, fallback), fields)), Text: servicespec.Fill(n.Text.In(r.Lang, fallback), fields) + askRating(texts, r, m, fields["link"]),
				Once: who.once(r, step, m.At.Format(time.RFC3339Nano), channel), Related: r.ID, After: who.after,
			}, fields))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// askRating ends the notice of a decision with where the person can say how it went.
func askRating(texts *i18n.Catalog, r Request, m exchange.ServiceResponse, link string) string {
	if m.Kind != exchange.Decided {
		return ""
	}
	return "\n\n" + texts.T(r.Lang, "notice.rate.line", map[string]any{"link": link + "/rate"})
}

// noticeFields are what the merge fields of a notice are filled with: what is known of the case, and answers.
func (s *Service) noticeFields(ctx context.Context, tx *pg.Tx, r Request, n told, m exchange.ServiceResponse) (map[string]string, error) {
	fallback := n.spec.Pack().Languages[0]
	name, err := s.deps.Identity.Name(ctx, tx, r.Person)
	if err != nil {
		return nil, err
	}
	site, err := s.deps.PublicURL(ctx, tx)
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	words := n.spec.Words(r.Lang, n.facts)
	for _, text := range []i18n.Text{n.Subject, n.Text} {
		maps.Copy(fields, n.spec.AnswerFields(text, r.Answers, n.facts, r.Lang, words))
	}
	maps.Copy(fields, map[string]string{
		"reference": r.Reference, "service": n.spec.Pack().Name.In(r.Lang, fallback), "state": r.StateName.In(r.Lang, fallback),
		"link": site + "/requests/" + r.ID.String(), "name": name, "receipt": r.Receipt, "certificate": m.Certificate, "comment": m.Note,
		"agency": "", "amount": "", "promised": "",
	})
	if r.Demand != nil {
		fields["amount"] = i18n.FormatMoney(r.Lang, r.Demand.Amount)
	}
	if r.Promised != nil {
		fields["promised"] = i18n.FormatDayLong(r.Lang, civil.Of(*r.Promised))
		if cal := n.facts.Calendar; cal != nil && cal.Zone != nil {
			fields["promised"] = i18n.FormatDateLong(r.Lang, *r.Promised, cal.Zone)
		}
	}
	return fields, nil
}

// line puts a text on one line: a pack's author may have broken it, and a subject with a break is refused.
func line(text string) string { return strings.Join(strings.Fields(text), " ") }

// RemindArgs names a request whose citizen has something left to do.
type RemindArgs struct {
	job.Tenant
	Request uuid.UUID `json:"request"`
	Why     string    `json:"why"` // draft or correction
}

// Kind is the job's name.
func (RemindArgs) Kind() string { return "request.remind" }

// Register registers the jobs.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, s.remind)
	job.AddTx(r, s.forgetKey)
	job.AddTx(r, s.sweepGuests)
	job.Every(r, sweepEvery, SweepGuestsArgs{})
}

// remind sends the notice "reminder" when the request still waits for its citizen.
func (s *Service) remind(ctx context.Context, tx *pg.Tx, a RemindArgs) error {
	r, err := s.loadAny(ctx, tx, a.Request)
	if err != nil {
		return err
	}
	if string(r.Status) != a.Why {
		return nil
	}
	return s.notify(ctx, tx, r, "reminder", exchange.ServiceResponse{At: tx.Now})
}

func reminderKey(request uuid.UUID, why string) string {
	return "request.remind:" + why + ":" + request.String()
}

func (s *Service) remindLater(ctx context.Context, tx *pg.Tx, request uuid.UUID, why string, after time.Duration) error {
	return tx.At(ctx, tx.Now.Add(after), reminderKey(request, why), &RemindArgs{Request: request, Why: why})
}

func (s *Service) cancelReminders(ctx context.Context, tx *pg.Tx, request uuid.UUID) error {
	for _, why := range []string{"draft", "correction"} {
		if err := tx.CancelTimer(ctx, reminderKey(request, why)); err != nil {
			return err
		}
	}
	return nil
}
