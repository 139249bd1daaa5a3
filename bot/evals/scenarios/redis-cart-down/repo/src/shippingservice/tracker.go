package main

import (
	"fmt"
	"math/rand"
)

// createTrackingID makes an id of two letters, the length of the salt and digits.
func createTrackingID(salt string) string {
	return fmt.Sprintf("%c%c-%d%s-%d%s", letter(), letter(), len(salt), digits(3), len(salt)/2, digits(7))
}

func letter() rune {
	return rune('A' + rand.Intn(26))
}

func digits(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte('0' + rand.Intn(10))
	}
	return string(out)
}
