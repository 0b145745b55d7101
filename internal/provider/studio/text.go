package studio

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

// TextAt is a text of a definition. Keys lead to it by codes, as the path of a servicespec.Change does; Path by numbers, as that of
// a servicespec.Problem.
type TextAt struct {
	Keys []string
	Path string
	Text i18n.Text
}

// Texts returns every text of a definition that says something in some language, in the order of the reference. Scenarios have none.
func Texts(p *servicespec.Pack) []TextAt {
	var out []TextAt
	walkTexts(reflect.ValueOf(p).Elem(), nil, nil, func(keys, path []string, t i18n.Text) {
		if !t.IsZero() {
			out = append(out, TextAt{slices.Clone(keys), strings.Join(path, "."), t})
		}
	})
	return out
}

// SetText writes a text in a language; "" takes it away. It reports whether there is such a text.
func SetText(p *servicespec.Pack, keys []string, lang, words string) (found bool) {
	walkTexts(reflect.ValueOf(p).Elem(), nil, nil, func(at, _ []string, t i18n.Text) {
		if !slices.Equal(at, keys) || t.IsZero() {
			return
		}
		found = true
		if t[lang] = words; words == "" {
			delete(t, lang)
		}
	})
	return found
}

var textType = reflect.TypeFor[i18n.Text]()

// walkTexts visits the texts below v.
func walkTexts(v reflect.Value, keys, path []string, see func(keys, path []string, t i18n.Text)) {
	switch {
	case v.Type() == textType:
		see(keys, path, v.Interface().(i18n.Text))
	case v.Kind() == reflect.Pointer && !v.IsNil():
		walkTexts(v.Elem(), keys, path, see)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if !v.Type().Field(i).IsExported() || name == "" || name == "scenarios" {
				continue
			}
			walkTexts(v.Field(i), append(slices.Clone(keys), name), append(slices.Clone(path), name), see)
		}
	case v.Kind() == reflect.Slice:
		names := itemKeys(v)
		for i := range v.Len() {
			walkTexts(v.Index(i), append(slices.Clone(keys), names[i]), append(slices.Clone(path), strconv.Itoa(i)), see)
		}
	}
}

// itemKeys are the codes by which the items of a list are known, their numbers where they have none of their own.
func itemKeys(list reflect.Value) []string {
	keys, seen, keyed := make([]string, list.Len()), map[string]bool{}, true
	for i := range list.Len() {
		keys[i] = itemKey(list.Index(i))
		keyed = keyed && keys[i] != "" && !seen[keys[i]]
		seen[keys[i]] = true
	}
	if !keyed {
		for i := range keys {
			keys[i] = strconv.Itoa(i)
		}
	}
	return keys
}

func itemKey(item reflect.Value) string {
	if item.Kind() != reflect.Struct {
		return ""
	}
	for _, name := range []string{"Code", "Name", "Type", "Registry", "On"} {
		if f := item.FieldByName(name); f.IsValid() && f.Kind() == reflect.String && f.String() != "" {
			return f.String()
		}
	}
	return ""
}

// KeysAt turns the path of a servicespec.Problem, which counts, into keys, which name: form.pages.0.title becomes form, pages, applicant,
// title. What the path says beyond the definition stays as it is.
func KeysAt(p *servicespec.Pack, path string) []string {
	v := reflect.ValueOf(p).Elem()
	keys := strings.Split(path, ".")
	for i, key := range keys {
		for v.IsValid() && v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		switch {
		case v.IsValid() && v.Kind() == reflect.Struct:
			v = fieldOf(v, key)
		case v.IsValid() && v.Kind() == reflect.Slice:
			n, err := strconv.Atoi(key)
			if err != nil || n < 0 || n >= v.Len() {
				return keys
			}
			keys[i], v = itemKeys(v)[n], v.Index(n)
		default:
			return keys
		}
	}
	return keys
}

// NameAt returns what the thing is called that keys lead to: the title of a page, the label of a question, the name of a state; nil
// where it has no name.
func NameAt(p *servicespec.Pack, keys []string) i18n.Text {
	v := reflect.ValueOf(p).Elem()
	for _, key := range keys {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		switch v.Kind() {
		case reflect.Struct:
			v = fieldOf(v, key)
		case reflect.Slice:
			i := slices.Index(itemKeys(v), key)
			if i < 0 {
				return nil
			}
			v = v.Index(i)
		default:
			return nil
		}
		if !v.IsValid() {
			return nil
		}
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	for _, name := range []string{"Title", "Label", "Name"} {
		if f := v.FieldByName(name); f.IsValid() && f.Type() == textType && f.Len() > 0 {
			return f.Interface().(i18n.Text)
		}
	}
	return nil
}
