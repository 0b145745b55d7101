package request

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digit/internal/infra/platform/fault"
)

const (
	// ratingTime is for how long after a decision a person can rate, and change what they said.
	ratingTime = 30 * 24 * time.Hour
	// RemarkMost is how many characters somebody may write who rates.
	RemarkMost = 1000
	// Poor is the most stars of those who were not content, whom the page asks whether it should be looked at again.
	Poor = 2
)

// aspects are what can be good or could be better, in the order in which they are asked.
var aspects = []string{"information", "form", "time", "staff", "news", "reasons"}

// Aspects returns what can be good or could be better about a service, in the order in which it is asked.
func Aspects() []string { return slices.Clone(aspects) }

// Rate is how a person found a service: from 1 to 5 stars, which of Aspects were good and which could be better, and their own words.
type Rate struct {
	Stars     int
	Good, Bad []string
	Words     string
}

// Rating is what a person said, with when they first did and last changed it. It is the zero Rating, of no stars, where they have not.
type Rating struct {
	Rate
	RatedAt, ChangedAt time.Time
}

// ended returns when the request was decided last, by its timeline; the zero time while it is open.
func (r Request) ended() (at time.Time) {
	if r.Status != Closed || r.Outcome == "" {
		return at
	}
	for _, e := range r.Timeline {
		if e.Kind == r.Outcome {
			at = e.At
		}
	}
	return at
}

// RateUntil returns until when the person can say how they found the service; the zero time while the request is open, or where nothing
// of it was ever sent. It needs the timeline.
func (r Request) RateUntil() time.Time {
	at := r.ended()
	if at.IsZero() || r.Reference == "" {
		return time.Time{}
	}
	return at.Add(ratingTime)
}

// tidy returns what was said with only what the list knows, in its order, or says what is wrong with it. Errors: ErrStars, ErrRemark.
func (in Rate) tidy() (Rate, error) {
	if in.Stars < 1 || in.Stars > 5 {
		return in, ErrStars.WithFields(fault.Field{Path: "stars", Code: ErrStars.Code})
	}
	in.Words = strings.TrimSpace(in.Words)
	if utf8.RuneCountInString(in.Words) > RemarkMost {
		return in, ErrRemark.WithFields(fault.Field{Path: "words", Code: ErrRemark.Code, Args: map[string]any{"max": RemarkMost}})
	}
	in.Good, in.Bad = known(in.Good), known(in.Bad)
	return in, nil
}

func known(ticked []string) []string {
	list := []string{}
	for _, a := range aspects {
		if slices.Contains(ticked, a) {
			list = append(list, a)
		}
	}
	return list
}
