package dialogue_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/consumer/channel/dialogue"
)

func TestSeptets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "Olá": -1, "à é ñ": 5, "a{b}€": 8, "مرحبا": -1} {
		n, ok := dialogue.Septets(text)
		if !ok {
			n = -1
		}
		if n != want {
			t.Errorf("%q: %d septets, want %d", text, n, want)
		}
	}
	for text, want := range map[string]string{"Não, São João – 3 m²": "Nao, Sao Joao - 3 m2", "مرحبا": "مرحبا", "1…": "1..."} {
		if got := dialogue.Fold(text); got != want {
			t.Errorf("%q is folded to %q", text, got)
		}
	}
}

// TestSheets cuts random screens for every channel: each sheet fits, nothing of the text and no answer is lost, each number has its
// answer, and only the last sheet leads nowhere.
func TestSheets(t *testing.T) {
	t.Parallel()
	word := rapid.StringMatching(`[a-zA-Zãçé]{1,14}|[ابتثجح]{1,10}`)
	text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 0, 90).Draw(t, "words"), " ") })
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SampledFrom([]dialogue.Shape{dialogue.SMS, dialogue.WhatsApp, dialogue.USSD}).Draw(t, "shape")
		screen := dialogue.Screen{Text: text.Draw(t, "text"), Foot: rapid.SampledFrom([]string{"", "0. Voltar"}).Draw(t, "foot")}
		for _, label := range rapid.SliceOfN(text, 0, 30).Draw(t, "labels") {
			screen.Options = append(screen.Options, dialogue.Option{Value: label, Label: label})
		}
		var said []string
		var values []string
		sheets := screen.Sheets(shape, "Mais")
		for i, sheet := range sheets {
			if !shape.Fits(sheet.Text) {
				t.Fatalf("does not fit:\n%s", sheet.Text)
			}
			head, _, _ := strings.Cut(sheet.Text, "\n")
			if len(sheet.Options) == 0 || !strings.HasPrefix(head, "1. ") {
				said = append(said, strings.Fields(head)...)
			}
			more := false
			for _, o := range sheet.Options {
				if more = o.Value == dialogue.More; !more {
					values = append(values, o.Value)
				}
			}
			if last := i == len(sheets)-1; more == last || sheet.Last != last {
				t.Fatalf("sheet %d of %d leads on: %v", i+1, len(sheets), more)
			}
		}
		if len(values) != len(screen.Options) {
			t.Fatalf("%d answers of %d", len(values), len(screen.Options))
		}
		for i, o := range screen.Options {
			if values[i] != o.Value {
				t.Fatal("the answers are in another order")
			}
		}
		want := strings.Join(strings.Fields(screen.Text), "")
		got := strings.Join(said, "")
		if shape == dialogue.USSD {
			want = dialogue.Fold(want)
		}
		if want != "" && strings.TrimSuffix(got, strings.ReplaceAll(screen.Foot, " ", "")) != want && got != want {
			t.Fatalf("said %q for %q", got, want)
		}
	})
}
