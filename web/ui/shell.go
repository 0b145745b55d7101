package ui

import "github.com/a-h/templ"

// bareSite keeps of a site what a page outside the surfaces needs.
func bareSite(s Site) Site {
	s.Nav, s.SignInURL = nil, ""
	return s
}

func currentPage(current bool) templ.Attributes {
	if current {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

func currentTrue(current bool) templ.Attributes {
	if current {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

func currentLanguage(languages []LangLink) string {
	for _, l := range languages {
		if l.Current {
			return l.Name
		}
	}
	return languages[0].Name
}

// currentLabel is what the folded navigation says: where the reader is.
func currentLabel(items []NavItem, otherwise string) string {
	for _, n := range items {
		if n.Current {
			return n.Label
		}
	}
	return otherwise
}

type navGroup struct {
	title string
	items []NavItem
}

func grouped(items []NavItem) []navGroup {
	var groups []navGroup
	for _, n := range items {
		if len(groups) == 0 || groups[len(groups)-1].title != n.Group {
			groups = append(groups, navGroup{title: n.Group})
		}
		last := &groups[len(groups)-1]
		last.items = append(last.items, n)
	}
	return groups
}
