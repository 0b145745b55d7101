package identity

import (
	"context"
	"strings"
	"time"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// Device is with what somebody signed in, in as few words as its owner needs to know it again: "Firefox", "Android". What
// is not known is "".
type Device struct{ Browser, System string }

// browsers and systems are looked for in this order: most call themselves by the names of others besides.
var (
	browsers = [][2]string{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"UCBrowser/", "UC Browser"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"HeadlessChrome/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systems = [][2]string{
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Windows", "Windows"},
		{"Macintosh", "Mac"},
		{"CrOS", "ChromeOS"},
		{"KAIOS", "KaiOS"},
		{"Linux", "Linux"},
	}
)

// DeviceOf reads what a browser says of itself.
func DeviceOf(userAgent string) Device {
	first := func(names [][2]string) string {
		for _, n := range names {
			if strings.Contains(userAgent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	return Device{Browser: first(browsers), System: first(systems)}
}

func (d Device) text() string { return d.Browser + "/" + d.System }

func parseDevice(text string) Device {
	browser, system, _ := strings.Cut(text, "/")
	return Device{browser, system}
}

// deviceForget is after how long an unused browser is a new one again.
const deviceForget = 400 * 24 * time.Hour

// Browser is what the browser of a sign-in says of itself.
type Browser struct {
	UserAgent string
	Known     string // what Recognise returned in this browser before, "" for nothing
}

// Recognise notes with what a session was begun, and returns what the browser is to keep, so that it is known the next
// time. Staff are told of a sign-in in a browser in which they never were before; their first is no news. It belongs
// into the unit of work of the sign-in.
func (s *Service) Recognise(ctx context.Context, tx *pg.Tx, in SignedIn, b Browser) (keep string, err error) {
	defer fault.Wrap(&err, "identity.Recognise")
	p, device := in.Principal, DeviceOf(b.UserAgent)
	sealed, err := s.encryption.SealString(ctx, tx, p.Account, sessionPlace(p.Session, "device"), device.text())
	if err != nil {
		return "", err
	}
	if err := queries.SetSessionDevice(ctx, tx, identitydb.SetSessionDeviceParams{ID: p.Session, Device: sealed}); err != nil {
		return "", err
	}
	if b.Known != "" {
		n, err := queries.SeeDevice(ctx, tx, identitydb.SeeDeviceParams{AccountID: p.Account, TokenHash: digest(b.Known), Now: tx.Wall})
		if err != nil || n > 0 {
			return b.Known, err
		}
	}
	others, err := queries.CountDevices(ctx, tx, p.Account)
	if err != nil {
		return "", err
	}
	if keep = b.Known; len(keep) < tokenBytes { // one that several people use keeps its token: it is not theirs but the browser's
		keep = id.Token(tokenBytes)
	}
	err = queries.InsertDevice(ctx, tx, identitydb.InsertDeviceParams{AccountID: p.Account, TokenHash: digest(keep), Now: tx.Wall})
	if err != nil || others == 0 {
		return keep, err
	}
	if p.Kind == KindStaff {
		if err := s.tell(ctx, tx, p.Account, Notice{Kind: NoticeDevice, Device: device}); err != nil {
			return "", err
		}
	}
	return keep, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.device.new", Object: "identity.session", ObjectID: p.Session, Person: p.Account,
	})
}
