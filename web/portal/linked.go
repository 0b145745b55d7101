package portal

import (
	"encoding/json"
	"strconv"

	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/frame"
)

// The types are schema.org's, as far as services of a state need them.
type (
	thing struct {
		Type      string `json:"@type"`
		ID        string `json:"@id,omitempty"`
		Name      string `json:"name,omitempty"`
		Address   string `json:"address,omitempty"`
		Telephone string `json:"telephone,omitempty"`
		Email     string `json:"email,omitempty"`
	}
	channel struct {
		Type      string   `json:"@type"`
		URL       string   `json:"serviceUrl,omitempty"`
		Location  *thing   `json:"serviceLocation,omitempty"`
		Languages []string `json:"availableLanguage,omitempty"`
		Time      string   `json:"processingTime,omitempty"` // ISO 8601; working days as days
	}
	offer struct {
		Type     string `json:"@type"`
		Name     string `json:"name,omitempty"`
		Price    string `json:"price"`
		Currency string `json:"priceCurrency"`
	}
	audience struct {
		Type string `json:"@type"`
		Kind string `json:"audienceType"`
	}
	governmentService struct {
		Context     string     `json:"@context"`
		Type        string     `json:"@type"`
		ID          string     `json:"@id"`
		URL         string     `json:"url"`
		Name        string     `json:"name"`
		Description string     `json:"description,omitempty"`
		Language    string     `json:"inLanguage,omitempty"`
		Operator    thing      `json:"serviceOperator"`
		Provider    thing      `json:"provider"`
		Area        thing      `json:"areaServed"`
		Audience    []audience `json:"audience,omitempty"`
		Offers      []offer    `json:"offers,omitempty"`
		Channels    []channel  `json:"availableChannel"`
	}
)

// described describes a service for programs, as schema.org's GovernmentService in JSON-LD. Fees that only the answers decide are left
// out.
func described(r *frame.Request, e catalog.Entry, pack *servicespec.Pack, a agency.Agency, offices []agency.Office) []byte {
	address := r.Origin() + "/services/" + e.Code
	operator := thing{Type: "GovernmentOrganization", ID: r.Origin() + "/agencies/" + a.Code, Name: r.Text(a.Name), Telephone: a.Phone, Email: a.Email}
	s := governmentService{
		Context: "https://schema.org", Type: "GovernmentService", ID: address, URL: address, Name: r.Text(pack.Name), Description: r.Text(pack.Summary),
		Language: r.Lang, Operator: operator, Provider: operator, Area: thing{Type: "AdministrativeArea", Name: r.Text(r.Settings.Name)},
	}
	online := channel{Type: "ServiceChannel", URL: address + "/start", Languages: pack.Languages}
	if e.Days > 0 {
		online.Time = "P" + strconv.Itoa(e.Days) + "D"
	}
	s.Channels = append(s.Channels, online)
	for _, o := range offices {
		if !o.Closed {
			s.Channels = append(s.Channels, channel{Type: "ServiceChannel", Location: &thing{
				Type: "GovernmentOffice", Name: r.Text(o.Name), Address: o.Address, Telephone: o.Phone, Email: o.Email,
			}})
		}
	}
	for _, kind := range pack.Audience {
		s.Audience = append(s.Audience, audience{"Audience", r.T("audience." + kind)})
	}
	s.Offers = offers(r, pack.Fees)
	body, err := json.Marshal(s) // with <, > and & escaped, so that no text ends the script
	if err != nil {
		return nil
	}
	return body
}

func offers(r *frame.Request, fees []servicespec.Fee) (list []offer) {
	currency := r.Settings.Currency
	if len(fees) == 0 {
		return []offer{{Type: "Offer", Price: "0", Currency: currency}}
	}
	for _, f := range fees {
		if minor, err := strconv.ParseInt(f.Amount, 10, 64); err == nil {
			list = append(list, offer{Type: "Offer", Name: r.Text(f.Name), Price: money.Amount{Minor: minor, Currency: currency}.Decimal(), Currency: currency})
		}
	}
	return list
}
