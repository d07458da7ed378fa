"""The torch side: what happens inside a kernel, from texts and a base model to a trained model and its predictions."""
