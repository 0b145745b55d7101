package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/money"
)

// nbsp keeps the parts of a number, and an amount and its currency, on one line.
const nbsp = "\u00a0"

// calendar is how a language writes days: its words, and the layouts with {d} {m} {y} {w} {date} {time}.
type calendar struct {
	months                 [12]string
	weekdays               [7]string // Sunday first
	day, longDay, dateTime string
}

var calendars = map[string]calendar{
	"pt": {
		months: [12]string{
			"janeiro", "fevereiro", "março", "abril", "maio", "junho",
			"julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
		},
		weekdays: [7]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
		day:      "{d} de {m} de {y}", longDay: "{w}, {date}", dateTime: "{date} às {time}",
	},
	"en": {
		months: [12]string{
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		day:      "{d} {m} {y}", longDay: "{w} {date}", dateTime: "{date} at {time}",
	},
	"ar": {
		months: [12]string{
			"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
		},
		weekdays: [7]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
		day:      "{d} {m} {y}", longDay: "{w}، {date}", dateTime: "{date} في الساعة {time}",
	},
	"hi": {
		months: [12]string{
			"जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्तूबर", "नवंबर", "दिसंबर",
		},
		weekdays: [7]string{"रविवार", "सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार"},
		day:      "{d} {m} {y}", longDay: "{w}, {date}", dateTime: "{date} को {time} बजे",
	},
}

func calendarOf(lang string) (calendar, bool) {
	c, ok := calendars[base(lang)]
	return c, ok
}

// FormatDay writes a day: "5 de novembro de 2026", "5 November 2026". A language whose words for months we do
// not have gets 2026-11-05, which everybody reads the same way. No day is "".
func FormatDay(lang string, d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	c, ok := calendarOf(lang)
	if !ok || d.Month < 1 || d.Month > 12 {
		return d.String()
	}
	return strings.NewReplacer("{d}", strconv.Itoa(d.Day), "{m}", c.months[d.Month-1], "{y}", strconv.Itoa(d.Year)).Replace(c.day)
}

// FormatMonth writes a month of a year: "novembro de 2026", "November 2026"; 2026-11 in a language whose words for months we
// do not have.
func FormatMonth(lang string, year int, m time.Month) string {
	c, ok := calendarOf(lang)
	if !ok || m < 1 || m > 12 {
		return fmt.Sprintf("%04d-%02d", year, int(m))
	}
	layout := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(c.day, "{d} de "), "{d} "))
	return strings.NewReplacer("{m}", c.months[m-1], "{y}", strconv.Itoa(year)).Replace(layout)
}

// FormatDayLong writes a day with its weekday, as in promises: "quinta-feira, 5 de novembro de 2026".
func FormatDayLong(lang string, d civil.Date) string {
	c, ok := calendarOf(lang)
	if !ok || d.IsZero() {
		return FormatDay(lang, d)
	}
	weekday := c.weekdays[d.In(time.UTC).Weekday()]
	return strings.NewReplacer("{w}", weekday, "{date}", FormatDay(lang, d)).Replace(c.longDay)
}

// FormatDate writes the day of t in loc, as FormatDay.
func FormatDate(lang string, t time.Time, loc *time.Location) string {
	return FormatDay(lang, dayIn(t, loc))
}

// FormatDateLong writes the day of t in loc with its weekday, as FormatDayLong.
func FormatDateLong(lang string, t time.Time, loc *time.Location) string {
	return FormatDayLong(lang, dayIn(t, loc))
}

// FormatDateTime writes day and time of t in loc: "5 de novembro de 2026 às 14:30".
func FormatDateTime(lang string, t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	layout := "{date} {time}"
	if c, ok := calendarOf(lang); ok {
		layout = c.dateTime
	}
	return strings.NewReplacer("{date}", FormatDate(lang, t, loc), "{time}", FormatTime(t, loc)).Replace(layout)
}

// FormatTime writes the time of day of t in loc on the 24-hour clock: "14:30".
func FormatTime(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(orUTC(loc)).Format("15:04")
}

// MonthName returns the name of a month for headings and tables: "novembro"; its number where we have no words.
func MonthName(lang string, m time.Month) string {
	c, ok := calendarOf(lang)
	if !ok || m < 1 || m > 12 {
		return strconv.Itoa(int(m))
	}
	return c.months[m-1]
}

// WeekdayName returns the name of a weekday: "quinta-feira"; English where we have no words.
func WeekdayName(lang string, w time.Weekday) string {
	c, ok := calendarOf(lang)
	if !ok || w < 0 || w > 6 {
		c = calendars["en"]
	}
	return c.weekdays[((w%7)+7)%7]
}

func dayIn(t time.Time, loc *time.Location) civil.Date {
	if t.IsZero() {
		return civil.Date{}
	}
	return civil.Of(t.In(orUTC(loc)))
}

func orUTC(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}

// FormatNumber writes a whole number with the language's grouping: "1 500" in Portuguese, "1,500" in English
// and, with Latin digits, in Arabic; "12,34,567" in Hindi.
func FormatNumber(lang string, n int64) string {
	digits := strconv.FormatInt(n, 10)
	minus := ""
	if n < 0 {
		minus, digits = "-", digits[1:]
	}
	switch base(lang) {
	case "pt":
		return minus + group(digits, nbsp)
	case "en":
		return minus + group(digits, ",")
	case "ar":
		if minus != "" {
			minus = "\u200e-" // the mark keeps the sign at the number's left within a line from right to left
		}
		return minus + group(digits, ",")
	}
	return message.NewPrinter(tag(lang)).Sprint(number.Decimal(n))
}

func group(digits, separator string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// commaLanguages write decimals after a comma.
var commaLanguages = map[string]bool{
	"pt": true, "fr": true, "es": true, "de": true, "it": true, "ru": true, "uk": true, "id": true, "kea": true,
}

// FormatDecimal writes a number with the decimals it has, in the language's groups and with its decimal sign: "1 234,5".
func FormatDecimal(lang string, x float64) string {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(x, 'f', -1, 64), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	s := FormatNumber(lang, n)
	if n == 0 && strings.HasPrefix(whole, "-") {
		s = strings.Replace(FormatNumber(lang, -1), "1", "0", 1)
	}
	if fraction == "" {
		return s
	}
	point := "."
	if commaLanguages[base(lang)] {
		point = ","
	}
	return s + point + fraction
}

// FormatMoney writes an amount with its currency code: "1 500,00 CVE" in Portuguese, "CVE 1,500.00" in English,
// "CVE 1,50,000.00" in Hindi, "1,500.00 CVE" elsewhere. The parts are joined by no-break spaces.
func FormatMoney(lang string, a money.Amount) string {
	whole, fraction, _ := strings.Cut(a.Decimal(), ".")
	negative := strings.HasPrefix(whole, "-")
	n, err := strconv.ParseInt(strings.TrimPrefix(whole, "-"), 10, 64)
	if err != nil {
		return a.String()
	}
	s := FormatNumber(lang, n)
	if fraction != "" {
		point := "."
		if commaLanguages[base(lang)] {
			point = ","
		}
		s += point + fraction
	}
	minus := ""
	if negative {
		minus = "-"
	}
	switch base(lang) {
	case "en", "hi":
		return fmt.Sprint(minus, a.Currency, nbsp, s)
	case "ar":
		if negative {
			minus = "\u200e-"
		}
	}
	return fmt.Sprint(minus, s, nbsp, a.Currency)
}
