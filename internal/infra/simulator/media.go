package simulator

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator/internal/simulatordb"
)

// mediaLasts is for how long a file can be fetched. Meta keeps them for 30 days.
const mediaLasts = 24 * time.Hour

// Media is what Meta says of a file that it keeps; the names are Meta's.
type Media struct {
	Product   string `json:"messaging_product"`
	URL       string `json:"url"`
	MediaType string `json:"mime_type"`
	SHA256    string `json:"sha256"`
	Size      string `json:"file_size"`
	ID        string `json:"id"`
}

// keepMedia keeps a file that is sent from a phone.
func (s *Service) keepMedia(ctx context.Context, tx *pg.Tx, f PhoneFile) (uuid.UUID, error) {
	if len(f.Content) == 0 || len(f.Content) > mostMedia || f.MediaType == "" || len(f.MediaType) > 100 {
		return uuid.Nil, ErrPhone
	}
	if err := db.DeleteOldMedia(ctx, tx, tx.Wall.Add(-mediaLasts)); err != nil {
		return uuid.Nil, err
	}
	media := id.New()
	sealed, err := s.seal(ctx, tx, "media", "content", media, f.Content)
	if err != nil {
		return uuid.Nil, err
	}
	return media, db.InsertMedia(ctx, tx, simulatordb.InsertMediaParams{ID: media, MediaType: f.MediaType, Size: int32(len(f.Content)), Content: sealed, MadeAt: tx.Wall})
}

// Media returns what is said of a file, and the file, as Meta does to whoever has the token. Errors: ErrProduction, ErrKey, ErrUnknown.
func (s *Service) Media(ctx context.Context, tx *pg.Tx, token string, media uuid.UUID) (m Media, content []byte, err error) {
	defer fault.Wrap(&err, "simulator.Media(%s)", media)
	l, err := s.Line(ctx, tx)
	if err != nil {
		return m, nil, err
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(l.Token)) != 1 {
		return m, nil, ErrKey
	}
	row, err := db.GetMedia(ctx, tx, media)
	if err != nil {
		return m, nil, known(err)
	}
	if content, err = s.open(ctx, tx, "media", "content", media, row.Content); err != nil {
		return m, nil, err
	}
	sum := sha256.Sum256(content)
	return Media{
		Product: "whatsapp", URL: l.APIURL + "/" + media.String() + "/content", MediaType: row.MediaType, SHA256: hex.EncodeToString(sum[:]),
		Size: strconv.Itoa(int(row.Size)), ID: media.String(),
	}, content, nil
}

func (s *Service) sealedMedia(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageMedia(ctx, tx, simulatordb.PageMediaParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			sealed, err := db.LockMedia(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.reseal(ctx, tx, "media", "content", r.ID, sealed)
			if err != nil {
				return err
			}
			return db.SetMediaContent(ctx, tx, simulatordb.SetMediaContentParams{ID: r.ID, Content: fresh})
		}, r.Head))
	}
	return rows, err
}
