// CallStore
