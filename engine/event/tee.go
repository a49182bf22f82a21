package event

// Tee sends every event to all of rs, in their order.
func Tee(rs ...Reporter) Reporter { return tee(rs) }

type tee []Reporter

// Report passes e on.
func (t tee) Report(e Event) {
	for _, r := range t {
		r.Report(e)
	}
}
