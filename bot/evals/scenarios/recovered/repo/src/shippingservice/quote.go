package main

import (
	"fmt"
	"math"
)

// Quote is a price in US dollars.
type Quote struct {
	Dollars uint32
	Cents   uint32
}

func (q Quote) String() string {
	return fmt.Sprintf("$%d.%02d", q.Dollars, q.Cents)
}

// quoteForCount is flat: any shipment costs the same, an empty one nothing.
func quoteForCount(count int) Quote {
	if count == 0 {
		return quoteFromFloat(0)
	}
	return quoteFromFloat(8.99)
}

func quoteFromFloat(value float64) Quote {
	units, fraction := math.Modf(value)
	return Quote{Dollars: uint32(units), Cents: uint32(math.Trunc(fraction * 100))}
}
