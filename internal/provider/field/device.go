package field

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/field/internal/fielddb"
)

// HeldFor is how long a device keeps what it holds without hearing from here, on its own clock.
const HeldFor = 7 * 24 * time.Hour

// What becomes of devices.
const (
	Active = "active"
	Asked  = "asked" // is to delete what it holds when it is next heard of
	Wiped  = "wiped" // has said that it did
	Left   = "left"  // its owner signed out of it
)

// maxName is the length of a device's name in characters.
const maxName = 80

// Device is a browser in which an officer takes visits along. Unsent is how many reports it last said it had not sent. AskedBy is
// who asked for it to be wiped, uuid.Nil for nobody.
type Device struct {
	ID         uuid.UUID
	Account    uuid.UUID
	Owner      string // the officer's name, in lists
	Name       string
	Status     string
	Unsent     int
	Registered time.Time
	Seen       time.Time
	AskedBy    uuid.UUID
	AskedAt    *time.Time
	GoneAt     *time.Time
}

func toDevice(d fielddb.FieldDevice) Device {
	out := Device{
		ID: d.ID, Account: d.AccountID, Name: d.Name, Status: d.Status, Unsent: int(d.Unsent), Registered: d.RegisteredAt, Seen: d.SeenAt,
		AskedAt: d.AskedAt, GoneAt: d.GoneAt,
	}
	if d.AskedBy != nil {
		out.AskedBy = *d.AskedBy
	}
	return out
}

// Enrol makes a device known, by the id it made for itself; name is what kind of device it is. Enrolling again changes
// nothing. Permission: field:use. Errors: ErrForbidden, ErrID, ErrOthers, ErrWipe, ErrDevice.
func (s *Service) Enrol(ctx context.Context, tx *pg.Tx, by identity.Principal, device uuid.UUID, name string) (d Device, err error) {
	defer fault.Wrap(&err, "field.Enrol(%s)", device)
	if err := authorise(tx, by); err != nil {
		return d, err
	}
	if err := madeOutside(device); err != nil {
		return d, err
	}
	if name = strings.TrimSpace(name); name == "" || utf8.RuneCountInString(name) > maxName {
		name = "?"
	}
	made, err := db.InsertDevice(ctx, tx, fielddb.InsertDeviceParams{ID: device, AccountID: by.Account, Name: name, Now: tx.Now})
	if err != nil {
		return d, err
	}
	if made == 0 {
		return s.device(ctx, tx, by, device)
	}
	if d, err = s.device(ctx, tx, by, device); err != nil {
		return d, err
	}
	return d, record(ctx, tx, "field.enrol", d.ID, nil)
}

// device returns the caller's device, if it may work. Errors: ErrDevice, ErrOthers, ErrWipe.
func (s *Service) device(ctx context.Context, tx *pg.Tx, by identity.Principal, device uuid.UUID) (Device, error) {
	row, err := db.GetDevice(ctx, tx, device)
	switch {
	case pg.NotFound(err):
		return Device{}, ErrDevice
	case err != nil:
		return Device{}, err
	case row.AccountID != by.Account:
		return Device{}, ErrOthers
	case row.Status == Asked || row.Status == Wiped:
		return Device{}, ErrWipe
	case row.Status == Left:
		return Device{}, ErrDevice
	}
	return toDevice(row), nil
}

// enter lets an officer work from a device of theirs. Errors: ErrForbidden, ErrDevice, ErrOthers, ErrWipe.
func (s *Service) enter(ctx context.Context, tx *pg.Tx, by identity.Principal, device uuid.UUID) error {
	if err := authorise(tx, by); err != nil {
		return err
	}
	_, err := s.device(ctx, tx, by, device)
	return err
}

// Status says what a device is to do with what it holds: "active", or "asked" to delete it; Left for one that is not known. It needs no
// permission: a device whose officer is not signed in any more must be reached too, and nobody else knows its id.
func (s *Service) Status(ctx context.Context, tx *pg.Tx, device uuid.UUID) (status string, err error) {
	defer fault.Wrap(&err, "field.Status(%s)", device)
	row, err := db.GetDevice(ctx, tx, device)
	if pg.NotFound(err) {
		return Left, nil
	}
	return row.Status, err
}

// Gone is said by a device that has deleted what it held: since it was asked to, or since its officer signed out. It needs no
// permission, for the reason Status needs none.
func (s *Service) Gone(ctx context.Context, tx *pg.Tx, device uuid.UUID) (err error) {
	defer fault.Wrap(&err, "field.Gone(%s)", device)
	n, err := db.SetDeviceGone(ctx, tx, fielddb.SetDeviceGoneParams{ID: device, Now: &tx.Now})
	if err != nil || n == 0 {
		return err
	}
	return record(ctx, tx, "field.gone", device, nil)
}

// Devices lists devices, those heard of last first; status and account narrow the list where they are not empty.
// Permission: field:manage for the whole state. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Devices(ctx context.Context, tx *pg.Tx, by identity.Principal, status string, account uuid.UUID, req page.Request) (p page.Page[Device], err error) {
	defer fault.Wrap(&err, "field.Devices")
	if err := manages(by); err != nil {
		return p, err
	}
	in := fielddb.ListDevicesParams{Status: status, AccountID: account, Before: endOfTime, BeforeID: uuid.Max, Lim: int32(req.Limit() + 1)}
	if req.After != "" {
		parts, err := page.Decode(req.After, 2)
		if err != nil {
			return p, err
		}
		if in.Before, err = time.Parse(time.RFC3339Nano, parts[0]); err != nil {
			return p, page.ErrCursor.Because(err)
		}
		if in.BeforeID, err = uuid.Parse(parts[1]); err != nil {
			return p, page.ErrCursor.Because(err)
		}
	}
	rows, err := db.ListDevices(ctx, tx, in)
	if err != nil {
		return p, err
	}
	found := page.Of(req, rows, func(d fielddb.FieldDevice) []string {
		return []string{d.SeenAt.Format(time.RFC3339Nano), d.ID.String()}
	})
	var owners []uuid.UUID
	for _, r := range found.Rows {
		owners = append(owners, r.AccountID)
	}
	names, err := s.deps.People.Names(ctx, tx, owners...)
	if err != nil {
		return p, err
	}
	p.Next = found.Next
	for _, r := range found.Rows {
		d := toDevice(r)
		d.Owner = names[d.Account]
		p.Rows = append(p.Rows, d)
	}
	return p, nil
}

// endOfTime is after everything that was heard.
var endOfTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Device returns one device with its owner's name. Permission: field:manage for the whole state. Errors: ErrForbidden, ErrNoDevice.
func (s *Service) Device(ctx context.Context, tx *pg.Tx, by identity.Principal, device uuid.UUID) (d Device, err error) {
	defer fault.Wrap(&err, "field.Device(%s)", device)
	if err := manages(by); err != nil {
		return d, err
	}
	row, err := db.GetDevice(ctx, tx, device)
	if pg.NotFound(err) {
		return d, ErrNoDevice
	}
	if err != nil {
		return d, err
	}
	names, err := s.deps.People.Names(ctx, tx, row.AccountID)
	d = toDevice(row)
	d.Owner = names[d.Account]
	return d, err
}

// Wipe asks a device to delete what it holds, reports that were not sent included. It does so when it is next heard of, and cannot be
// told otherwise. Permission: field:manage for the whole state. Errors: ErrForbidden, ErrNoDevice.
func (s *Service) Wipe(ctx context.Context, tx *pg.Tx, by identity.Principal, device uuid.UUID) (err error) {
	defer fault.Wrap(&err, "field.Wipe(%s)", device)
	if err := manages(by); err != nil {
		return err
	}
	n, err := db.AskWipe(ctx, tx, fielddb.AskWipeParams{ID: device, AskedBy: &by.Account, Now: &tx.Now})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoDevice
	}
	return record(ctx, tx, "field.wipe", device, nil)
}

// manages lets who looks after the devices of the whole state pass.
func manages(by identity.Principal) error {
	if !by.MayIn(Manage, "") {
		return ErrForbidden.With("permission", Manage)
	}
	return nil
}

func record(ctx context.Context, tx *pg.Tx, action string, device uuid.UUID, detail map[string]any) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "field.device", ObjectID: device, Detail: detail})
}
