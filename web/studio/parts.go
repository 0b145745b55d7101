package studio

// ownParts are the parts of the house itself: the definition's texts and form, its translations, and the way to publication.
func (s *Studio) ownParts() []part {
	return []part{
		{code: "", icon: "layout-dashboard", group: "design", show: s.overview, gets: []action{{path: "/presence", do: s.presence}, {path: "/export", do: s.export}, {path: "/rename", do: s.renameAsk}}, posts: []action{{path: "/rename", do: s.rename}}},
		{code: "texts", icon: "pencil", group: "design", areas: textAreas, show: s.texts, posts: []action{{do: s.textsSave}, {path: "/languages", do: s.languagesSave}, {path: "/roles", do: s.rolesSave}}},
		s.formPart(),
		s.translatePart(), s.publishPart(),
		{code: "history", icon: "history", group: "publish", show: s.history, wide: true, posts: []action{{path: "/{revision}/restore", do: s.restore}}},
	}
}
