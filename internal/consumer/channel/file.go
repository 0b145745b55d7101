package channel

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"mime"
	"slices"
	"strings"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/infra/document"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// wanted is a file that the conversation waits for, with how many bytes are taken.
type wanted struct {
	channel string
	file    carrier.File
	most    int64
}

// fetched is a file that was looked into, or why there is none.
type fetched struct {
	upload  document.Upload
	refused *fault.Error
}

// fetch gets a file from the provider and has it looked into, outside a transaction. What will never do is an answer too; what may do later is an
// error, unless it was the last try.
func (s *Service) fetch(ctx context.Context, d *pg.DB, scope pg.Scope, w wanted, last bool) (*fetched, error) {
	content, err := s.deps.Notification.Fetch(ctx, d, scope, w.channel, w.file, w.most)
	if err == nil {
		var upload document.Upload
		if upload, err = s.deps.Documents.Inspect(ctx, fileName(w.file), w.file.MediaType, bytes.NewReader(content)); err == nil {
			return &fetched{upload: upload}, nil
		}
	}
	if refused := fault.Of(err); refused != nil && (refused.Kind == fault.KindInvalid || refused.Kind == fault.KindNotFound) {
		return &fetched{refused: refused}, nil
	}
	if last {
		return &fetched{refused: notification.ErrGone}, nil
	}
	return nil, err
}

// fileName is what a file is called; pictures come without a name.
func fileName(f carrier.File) string {
	if f.Name != "" {
		return f.Name
	}
	ending := map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}[f.MediaType]
	if all, err := mime.ExtensionsByType(f.MediaType); ending == "" && err == nil && len(all) > 0 {
		ending = all[0]
	}
	return "photo" + ending
}

// takeFile takes a file as the answer to the question that is asked, or to the one before where that takes several: WhatsApp sends an album
// picture by picture.
func (c *call) takeFile(file carrier.File, got *fetched) error {
	if c.Step != stepAsk || !c.is() {
		c.note("talk.file.nowhere")
		return nil
	}
	_, form, err := c.open()
	if err != nil {
		return err
	}
	spot, at, err := c.asked(form)
	if err != nil {
		return err
	}
	place, found := form.Spec.FilePlace(cmp.Or(at, c.Filed))
	if !found || at == "" && (place.MaxFiles < 2 || len(place.Files(form.Answers)) >= place.MaxFiles) {
		c.note("talk.file.nowhere")
		return nil
	}
	if !takes(place, file.MediaType) {
		return c.refuse(place, document.ErrType)
	}
	if got == nil {
		c.wants = &wanted{channel: c.Channel, file: file, most: min(place.MaxSize, document.MaxUpload)}
		return nil
	}
	if got.refused != nil {
		return c.refuse(place, got.refused)
	}
	_, err = c.s.deps.Requests.Attach(c.ctx, c.tx, c.Person, c.Request, cmp.Or(at, c.Filed), got.upload)
	if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindInvalid {
		return c.refuse(place, refused)
	}
	if err != nil {
		return err
	}
	c.note("talk.file.taken")
	c.acted = "file"
	if at != "" {
		c.Filed = at
		form.Settle(spot, false)
	}
	return nil
}

// asked is the question that is asked now, and where a file goes that answers it; "" where none does.
func (c *call) asked(form dialogue.Form) (dialogue.Spot, string, error) {
	spot, more := form.Next()
	if !more {
		return spot, "", nil
	}
	at, err := form.File(spot)
	return spot, at, err
}

// takes reports whether a place takes files of a kind, as far as the provider tells the kind.
func takes(place servicespec.FilePlace, mediaType string) bool {
	return len(place.Accept) == 0 || mediaType == "" || slices.ContainsFunc(place.Accept, func(kind string) bool {
		family, any := strings.CutSuffix(kind, "*")
		return kind == mediaType || any && strings.HasPrefix(mediaType, family)
	})
}

// refuse says why a file is not taken.
func (c *call) refuse(place servicespec.FilePlace, why *fault.Error) error {
	if errors.Is(why, notification.ErrGone) || why.Kind == fault.KindNotFound {
		c.note("talk.file.gone")
		return nil
	}
	if errors.Is(why, document.ErrTooLarge) || errors.Is(why, notification.ErrTooLarge) {
		c.note("request.file.too_large", "size", size(c.Lang, min(place.MaxSize, document.MaxUpload)))
		return nil
	}
	var kinds []string
	for _, kind := range place.Accept {
		_, short, _ := strings.Cut(kind, "/")
		kinds = append(kinds, strings.ToUpper(strings.ReplaceAll(short, "jpeg", "jpg")))
	}
	c.notes = append(c.notes, c.sentence(fault.Field{Code: why.Code, Args: why.With("accept", strings.Join(kinds, ", ")).Args}))
	return nil
}

// size writes a number of bytes in whole megabytes, or kilobytes below one.
func size(lang string, bytes int64) string {
	if bytes >= 1<<20 {
		return i18n.FormatNumber(lang, bytes>>20) + " MB"
	}
	return i18n.FormatNumber(lang, bytes>>10) + " kB"
}

// linkValue is the number by which somebody gets the address of a page by text message.
const linkValue = "link"

// fileWords say how a file is handed in by this channel: here, by a link, or on another device by a code.
func (c *call) fileWords(place string) (string, []dialogue.Option, error) {
	site, code, err := c.ticket(place)
	if err != nil {
		return "", nil, err
	}
	link := site + "/talk/files/" + code
	switch c.Channel {
	case WhatsApp:
		return c.say("talk.file.here", "link", link), nil, nil
	case USSD: // nobody can copy an address from there
		_, host, _ := strings.Cut(site, "://")
		return c.say("talk.file.code", "site", host+"/talk", "code", code), c.options(linkValue), nil
	}
	return c.say("talk.file", "link", link), nil, nil
}

// sendFileLink sends the link by which a file is handed in as a text message to who is on the line.
func (c *call) sendFileLink(place string) error {
	site, code, err := c.ticket(place)
	if err != nil {
		return err
	}
	_, err = c.s.deps.Notification.Send(c.ctx, c.tx, notification.Message{
		Person: c.Person, Channel: notification.SMS, Address: c.Number, Lang: c.Lang, Purpose: "talk.link", Related: c.Request,
		Text: c.say("talk.file", "link", site+"/talk/files/"+code), Once: "channel.file:" + c.tx.Actor.RequestID,
	})
	c.note("talk.link.sent")
	return err
}
