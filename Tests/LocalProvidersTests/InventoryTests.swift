import Foundation
import Testing

@testable import LocalProviders

struct InventoryTests {
    @Test func `what the tests themselves need is found, with its place`() {
        let inventory = Inventory.take()
        #expect(inventory.missing == [])
        #expect(inventory.canRecognise)
        #expect(inventory.voices == FliteVoice.voiceNames)
        #expect(inventory.parts.allSatisfy { FileManager.default.fileExists(atPath: $0.path ?? "") })
    }

    @Test func `a missing model is named with the package that brings it`() {
        let inventory = Inventory.take(modelFolder: "/nowhere")
        #expect(
            inventory.missing.map(\.description) == [
                "model en-us acoustic: missing: apt-get install pocketsphinx-en-us",
                "model en-us dictionary: missing: apt-get install pocketsphinx-en-us",
            ])
        #expect(!inventory.canRecognise)
    }

    @Test func `the model's folder is read from the package description`() {
        let text = "prefix=/opt/x\ndatadir=${prefix}/share\nmodeldir=${datadir}/model\n\nName: x\n"
        #expect(RecogniserModel.modelFolder(text) == "/opt/x/share/model")
        #expect(RecogniserModel.modelFolder("Name: x\n") == nil)
        #expect(RecogniserModel.modelFolder("modeldir=${unknown}/model\n") == nil)
        #expect(RecogniserModel.modelFolder("modeldir=\n") == nil)
    }

    @Test func `a library is found by an address within it`() {
        let maps = """
            1000-2000 r-xp 00000000 08:01 12                     /usr/bin/a program
            2000-3000 rw-p 00000000 00:00 0
            3000-4000 r-xp 00000000 08:01 13                     /usr/lib/b.so.1
            4000-5000 rw-p 00000000 00:00 0                      [heap]

            """
        let found = [0xFFF, 0x1000, 0x1FFF, 0x2000, 0x3FFF, 0x4000].map { Inventory.mappedFile(at: $0, in: maps) }
        #expect(found == [nil, "/usr/bin/a program", "/usr/bin/a program", nil, "/usr/lib/b.so.1", nil])
    }
}
