// Package inspect looks into files that people hand in, before anything else touches them: whether name, declared type
// and content agree, whether the content can be read at all, and whether there is anything in it that acts by itself.
// Pictures are drawn anew, which leaves everything behind that is no picture: places, cameras, hidden programs. What may
// pass is a short list of types; archives, pages, drawings and office files are not on it (OWASP ASVS 5.2).
//
// Parsing what strangers send is dangerous. File does it here; Child does it in a process of its own with little memory,
// little time and no rights beyond its pipes, which is how the platform runs it.
package inspect

import (
	"bytes"
	"context"
	"mime"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"digit/internal/infra/platform/fault"
)

// What is said about a file that is refused.
var (
	// ErrType says that the content is of no type that is taken from anybody.
	ErrType = fault.Invalid("document.type")
	// ErrName says that the ending of the name, or the declared type, is not that of the content.
	ErrName = fault.Invalid("document.name")
	// ErrUnreadable says that the content is damaged, or not what its beginning promises.
	ErrUnreadable = fault.Invalid("document.unreadable")
	// ErrActive says that a PDF has scripts, programs or commands in it.
	ErrActive = fault.Invalid("document.active")
	// ErrProtected says that a PDF is encrypted.
	ErrProtected = fault.Invalid("document.protected")
	// ErrPixels says that a picture has more points than can be drawn.
	ErrPixels = fault.Invalid("document.pixels")
)

// refusals are all of them, for the way back from another process.
var refusals = []*fault.Error{ErrType, ErrName, ErrUnreadable, ErrActive, ErrProtected, ErrPixels}

// Query is a file as it came: Name as the browser calls it, Declared the media type that was sent with it ("" for none).
type Query struct {
	Name     string
	Declared string
	Content  []byte
}

// Result is a file that may be kept: its name with the ending that belongs to it, its media type, and its content, which
// for pictures is not what was handed in.
type Result struct {
	Name      string
	MediaType string
	Content   []byte
}

// kind is one type that is taken, with the endings its names may have (the usual one first), the other names by which
// programs declare it, and what is done to see that it is one.
type kind struct {
	mediaType string
	endings   []string
	aliases   []string
	clean     func(ctx context.Context, content []byte) (Result, error)
}

// taken are the media types that are taken from anybody.
const taken = "application/pdf, image/jpeg, image/png, image/webp, text/plain"

var kinds = []kind{
	{"application/pdf", []string{".pdf"}, []string{"application/x-pdf"}, cleanPDF},
	{"image/jpeg", []string{".jpg", ".jpeg", ".jpe", ".jfif"}, []string{"image/jpg", "image/pjpeg"}, cleanJPEG},
	{"image/png", []string{".png"}, []string{"image/x-png"}, cleanPNG},
	{"image/webp", []string{".webp"}, nil, cleanWebP},
	{"text/plain", []string{".txt"}, nil, cleanText},
}

// File inspects one file. Errors: ErrType, ErrName, ErrUnreadable, ErrActive, ErrProtected, ErrPixels.
func File(ctx context.Context, q Query) (r Result, err error) {
	defer fault.Wrap(&err, "inspect.File")
	found, _, _ := strings.Cut(mimetype.Detect(q.Content).String(), ";")
	at := slices.IndexFunc(kinds, func(k kind) bool { return k.mediaType == found })
	if at < 0 {
		return r, ErrType.With("accept", taken)
	}
	k := kinds[at]
	stem, err := k.agrees(q.Name, q.Declared)
	if err != nil {
		return r, err
	}
	if r, err = k.clean(ctx, q.Content); err != nil {
		return r, err
	}
	r.Name = q.Name
	if stem != "" || r.MediaType != k.mediaType { // no ending, or another one than before
		end := slices.IndexFunc(kinds, func(k kind) bool { return k.mediaType == r.MediaType })
		if stem == "" {
			stem = strings.TrimSuffix(q.Name, path.Ext(q.Name))
		}
		r.Name = stem + kinds[end].endings[0]
	}
	return r, nil
}

// ending is what programs choose by: a dot and a few letters. ". 12" and ".2" are parts of a title.
var ending = regexp.MustCompile(`^\.[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*$`)

// agrees checks name and declared type against the content's. It returns the name where it has no ending, for one to be
// put to it. Errors: ErrName.
func (k kind) agrees(name, declared string) (stem string, err error) {
	end := path.Ext(name)
	switch {
	case !ending.MatchString(end):
		stem = name
	case !slices.Contains(k.endings, strings.ToLower(end)):
		return "", ErrName.With("name", end, "type", strings.ToUpper(k.endings[0][1:]))
	}
	given, _, err := mime.ParseMediaType(declared)
	if declared == "" || err != nil || given == "application/octet-stream" || given == k.mediaType || slices.Contains(k.aliases, given) {
		return stem, nil // programs that do not know declare nothing, or bytes
	}
	return "", ErrName.With("name", given, "type", strings.ToUpper(k.endings[0][1:]))
}

// cleanText takes text in UTF-8, whole and without anything that is no text.
func cleanText(_ context.Context, content []byte) (Result, error) {
	if !utf8.Valid(content) || bytes.ContainsRune(content, 0) {
		return Result{}, ErrUnreadable
	}
	return Result{MediaType: "text/plain", Content: content}, nil
}
