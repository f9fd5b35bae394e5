// VoiceActivity
