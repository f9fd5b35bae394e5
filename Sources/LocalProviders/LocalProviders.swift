// LocalProviders
