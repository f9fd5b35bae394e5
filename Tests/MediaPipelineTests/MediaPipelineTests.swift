// MediaPipeline
