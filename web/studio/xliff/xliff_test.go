package xliff_test

import (
	"bytes"
	"encoding/xml"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"digit/web/studio/xliff"
)

// TestRoundTrip writes texts and reads them back: nothing is lost, and the states say what is missing and what is stale.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	words := rapid.Custom(func(t *rapid.T) string {
		s := rapid.StringN(1, 60, -1).Draw(t, "words")
		var plain bytes.Buffer
		if err := xml.EscapeText(&plain, []byte(s)); err != nil || strings.ContainsRune(plain.String(), utf8.RuneError) || strings.ContainsRune(s, '\r') {
			return "a <b> & {name}\n  “c”" // XML has no such characters
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		var texts, want []xliff.Text
		stale, gaps := 0, 0
		for i := range rapid.IntRange(0, 12).Draw(t, "n") {
			u := xliff.Text{Name: "form/pages/" + string(rune('a'+i)) + "/title", Where: words.Draw(t, "where"), Source: words.Draw(t, "source")}
			if rapid.Bool().Draw(t, "translated") {
				u.Target = words.Draw(t, "target")
				if rapid.Bool().Draw(t, "stale") {
					u.Was = words.Draw(t, "was")
					stale++
				}
			} else {
				gaps++
			}
			texts, want = append(texts, u), append(want, xliff.Text{Name: u.Name, Source: u.Source, Target: u.Target})
		}
		var file bytes.Buffer
		if err := xliff.Write(&file, "service", "pt", "en", texts); err != nil {
			t.Fatal(err)
		}
		got, err := xliff.Read(file.Bytes(), "pt", "en")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("read back: %+v (%v), want %+v of\n%s", got, err, want, file.String())
		}
		text := file.String()
		if n := strings.Count(text, `subState="digit:stale"`); n != stale {
			t.Fatalf("%d texts are marked as stale, of %d", n, stale)
		}
		if n := strings.Count(text, `state="initial"`); n != stale+gaps {
			t.Fatalf("%d texts are initial, of %d", n, stale+gaps)
		}
	})
}

func TestFilesOfOthers(t *testing.T) {
	t.Parallel()
	file := func(body string) []byte {
		return []byte(`<?xml version="1.0"?><xliff xmlns="urn:oasis:names:tc:xliff:document:2.1" version="2.1" srcLang="pt" trgLang="en"><file id="f">` + body + `</file></xliff>`)
	}
	got, err := xliff.Read(file(`<group id="g"><unit id="1" name="a"><segment><source>Um. </source><target>One. </target></segment><segment><source>Dois.</source><target>Two.</target></segment></unit></group>
		<unit id="2" name="b"><notes><note>never mind</note></notes><segment><source>Olá <ph id="1"/></source><target>Hello</target></segment></unit>`), "pt", "en")
	want := []xliff.Text{{Name: "a", Source: "Um. Dois.", Target: "One. Two."}, {Name: "b", Source: "Olá ", Target: "Hello", Marked: true}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v (%v)", got, err)
	}
	if _, err := xliff.Read(file(""), "pt", "ar"); err != xliff.ErrLanguages {
		t.Errorf("other languages: %v", err)
	}
	for _, bad := range []string{"", "<xliff", "<a/>", `<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2"/>`, "key,pt,en"} {
		if _, err := xliff.Read([]byte(bad), "pt", "en"); err != xliff.ErrFormat {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
