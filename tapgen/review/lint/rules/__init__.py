"""Rules of the engine, which hold for any platform; a platform brings its own beside them."""
