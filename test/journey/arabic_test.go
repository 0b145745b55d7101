package journey_test

import (
	"testing"

	"digit/test/browser"
)

// TestArabic reports a broken street light in a language that runs from right to left, on a telephone and on a tablet.
func TestArabic(t *testing.T) {
	t.Parallel()
	for _, width := range []int{phone, tablet} {
		p := shared.somebody(t, newPhone(t), browser.Options{JS: true, Width: width, Lang: "ar"})
		p.visit("/")
		if dir := p.Eval(`document.documentElement.dir`); dir != "rtl" {
			t.Fatalf("Arabic runs %v", dir)
		}
		p.checked()
		if width == phone {
			p.Shot("portal-arabic")
		}
		p.visit("/services/streetlight-complaint")
		p.See("الإنارة")
		p.checked()
		p.visit("/services/streetlight-complaint/start")
		p.checked()
		p.register("أمينة ديالو")
		p.checked()
		p.next()
		p.Choose("مكسور أو العمود مائل")
		p.Fill("lights", "2")
		p.next()
		p.See("هل يشكل خطرًا على المارة؟")
		p.Choose("نعم")
		p.checked()
		p.next()
		p.Fill("place", "CV-PR-01")
		p.Fill("landmark", "مقابل المخبز")
		p.Upload("photo", aJPEG(t, "photo.jpg"))
		p.checked()
		p.next()
		p.checked()
		p.next()
		p.checked()
		p.next()
		p.arrive("/sent")
		p.checked()
		p.visit("/requests/" + uuidPattern.FindString(p.URL()))
		p.checked()
		p.Shot("portal-status-arabic")
		for _, path := range []string{"/requests", "/wallet", "/profile", "/verify", "/help"} {
			p.visit(path)
			p.checked()
		}
	}
}
