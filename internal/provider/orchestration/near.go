package orchestration

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// reporting is the moment of life whose services report problems in public places: others may know that one was reported, and where.
const reporting = "reporting-a-problem"

// How near in metres, and how long ago, a report is likely of the same problem; nearMost are shown.
const (
	nearMetres = 100
	nearDays   = 30
	nearMost   = 3
)

// Near is a report of somebody else that may be of the same problem. Nothing in it is about who reported it.
type Near struct {
	Application uuid.UUID
	State       i18n.Text
	ReceivedAt  time.Time
	Metres      int
	Followers   int
}

// PointOf returns the first place among answers to a service that reports problems in public places.
func PointOf(svc *servicespec.Service, a servicespec.Answers) (servicespec.Point, bool) {
	if !slices.Contains(svc.Pack().LifeEvents, reporting) {
		return servicespec.Point{}, false
	}
	for _, code := range slices.Sorted(maps.Keys(a)) {
		if p, ok := a[code].(servicespec.Point); ok {
			return p, true
		}
	}
	return servicespec.Point{}, false
}

const millionth = 1e6

// mark remembers where a problem was reported.
func (s *Service) mark(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service) error {
	at, ok := PointOf(svc, app.Answers)
	if !ok {
		return nil
	}
	return db.InsertSpot(ctx, tx, orchestrationdb.InsertSpotParams{
		ApplicationID: app.ID, Service: app.Service, Lat: int32(at.Lat * millionth), Lng: int32(at.Lng * millionth), ReceivedAt: tx.Now,
	})
}

// Near returns open reports of others within a hundred metres and thirty days, the nearest first. Anybody who reports may ask.
func (s *Service) Near(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, a servicespec.Answers) (list []Near, err error) {
	defer fault.Wrap(&err, "orchestration.Near(%s)", svc.Code())
	at, ok := PointOf(svc, a)
	if !ok {
		return nil, nil
	}
	const metresOfDegree = 111_320
	high := float64(nearMetres) / metresOfDegree
	wide := high / math.Max(math.Cos(at.Lat*math.Pi/180), 0.01)
	rows, err := db.ListSpots(ctx, tx, orchestrationdb.ListSpotsParams{
		Service: svc.Code(), Since: tx.Now.AddDate(0, 0, -nearDays), Person: whose(tx),
		South: int32((at.Lat - high) * millionth), North: int32((at.Lat + high) * millionth),
		West: int32((at.Lng - wide) * millionth), East: int32((at.Lng + wide) * millionth),
	})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		d := metres(at, servicespec.Point{Lat: float64(r.Lat) / millionth, Lng: float64(r.Lng) / millionth})
		if d <= nearMetres {
			list = append(list, Near{Application: r.ApplicationID, ReceivedAt: r.ReceivedAt, Metres: d})
		}
	}
	slices.SortStableFunc(list, func(a, b Near) int { return a.Metres - b.Metres })
	list = list[:min(len(list), nearMost)]
	for i := range list {
		if err := s.describe(ctx, tx, svc, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) describe(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, n *Near) error {
	i, err := s.deps.Workflow.Instance(ctx, tx, n.Application)
	if err != nil {
		return err
	}
	n.State = stateWords(svc, i.State)
	followers, err := db.ListFollowers(ctx, tx, n.Application)
	n.Followers = len(followers)
	return err
}

// metres is the distance of two places, by the haversine formula on a sphere.
func metres(a, b servicespec.Point) int {
	const radius = 6_371_000
	rad := func(x float64) float64 { return x * math.Pi / 180 }
	lat, lng := math.Sin(rad(b.Lat-a.Lat)/2), math.Sin(rad(b.Lng-a.Lng)/2)
	h := lat*lat + math.Cos(rad(a.Lat))*math.Cos(rad(b.Lat))*lng*lng
	return int(math.Round(2 * radius * math.Asin(math.Min(1, math.Sqrt(h)))))
}

// Follow has somebody told when a report of somebody else is dealt with. Following twice is following once. Permission: one's own, of a report that
// Near shows. Errors: ErrUnknown.
func (s *Service) Follow(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, a servicespec.Answers, application uuid.UUID, lang string) (err error) {
	defer fault.Wrap(&err, "orchestration.Follow(%s)", application)
	near, err := s.Near(ctx, tx, svc, a)
	if err != nil {
		return err
	}
	if tx.Actor.Kind != "person" || !slices.ContainsFunc(near, func(n Near) bool { return n.Application == application }) {
		return ErrUnknown
	}
	person := whose(tx)
	n, err := db.InsertFollower(ctx, tx, orchestrationdb.InsertFollowerParams{ApplicationID: application, PersonID: person, Lang: lang, Now: tx.Now})
	if err != nil || n == 0 {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "orchestration.follow", Object: Subject, ObjectID: application, Person: person})
}

// whose is the person for whom the actor acts: themselves, or somebody else.
func whose(tx *pg.Tx) uuid.UUID {
	if tx.Actor.OnBehalf != uuid.Nil {
		return tx.Actor.OnBehalf
	}
	return tx.Actor.ID
}

// tellFollowers tells who has the same problem that the report of it was dealt with.
func (s *Service) tellFollowers(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service, state string) error {
	followers, err := db.ListFollowers(ctx, tx, app.ID)
	if err != nil || len(followers) == 0 {
		return err
	}
	texts, err := s.deps.Texts(ctx, tx)
	if err != nil {
		return err
	}
	for _, f := range followers {
		contacts, err := s.deps.People.Contacts(ctx, tx, f.PersonID)
		if err != nil {
			return err
		}
		args := map[string]any{"service": svc.Pack().Name.In(f.Lang, svc.Pack().Languages[0]), "state": stateWords(svc, state).In(f.Lang, svc.Pack().Languages[0])}
		for _, c := range contacts {
			if !c.Verified {
				continue
			}
			if _, err := s.deps.Messages.Send(ctx, tx, notification.Message{
				Person: f.PersonID, Channel: c.Channel, Address: c.Address, Lang: f.Lang, Purpose: "orchestration.followed",
				Subject: texts.T(f.Lang, "notice.followed.subject", args), Text: texts.T(f.Lang, "notice.followed.text", args),
				Once: app.ID.String() + ":followed:" + tx.Now.String() + ":" + c.ID.String(), Related: app.ID,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func stateWords(svc *servicespec.Service, state string) i18n.Text {
	st := svc.StateOf(state)
	switch {
	case st == nil:
		return i18n.Text{}
	case st.CitizenName.IsZero():
		return st.Name
	}
	return st.CitizenName
}
